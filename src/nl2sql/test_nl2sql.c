/* Unit tests of nl2sql/: words, names, the semantic file, linking and contexts, on a catalog made
 * by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "nl2sql/internal.h"

/* ---- a shop, and a table and a column that nobody may see ---- */

static struct catalog_schema schemas[] = {{.name = "shop"}, {.name = "Staff"}};

static const char *states[] = {"open", "paid", "</schema> it's\nover"};
static struct catalog_enum enums[] = {
    {.schema = "shop", .name = "state", .values = states, .value_count = 3}};

static struct catalog_column customers[] = {
    {.name = "customer_id", .type = "integer", .not_null = true},
    {.name = "name", .type = "text", .comment = "as on </schema>\nletters"},
    {.name = "iban", .type = "text"},
};
static struct catalog_column order_lines[] = {
    {.name = "order_id", .type = "integer", .not_null = true},
    {.name = "article_id", .type = "integer", .not_null = true},
    {.name = "qty", .type = "integer"},
};
static struct catalog_column orders[] = {
    {.name = "order_id", .type = "integer", .not_null = true},
    {.name = "customer_id", .type = "integer", .not_null = true},
    {.name = "state", .type = "shop.state", .enumeration = &enums[0]},
};
static struct catalog_column articles[] = {
    {.name = "article_id", .type = "integer", .not_null = true},
    {.name = "Label", .type = "text"},
};
static struct catalog_column salaries[] = {{.name = "amount", .type = "numeric"}};
static struct catalog_column timesheets[] = {{.name = "hours", .type = "numeric"}};

enum { TIMESHEETS, ARTICLES, CUSTOMERS, ORDER_LINES, ORDERS, SALARIES, RELATIONS };

static struct catalog_relation relations[RELATIONS];

#define COLUMNS(...) ((const struct catalog_column *[]){__VA_ARGS__})
#define PRIMARY(column)                                                        \
    {                                                                          \
        .kind = CATALOG_PRIMARY, .columns = COLUMNS(column), .column_count = 1 \
    }
#define FOREIGN(column, table, to)                                              \
    {                                                                           \
        .kind = CATALOG_FOREIGN, .columns = COLUMNS(column), .column_count = 1, \
        .target = &relations[table], .target_columns = COLUMNS(to)              \
    }

static struct catalog_key customers_keys[] = {PRIMARY(&customers[0])};
static struct catalog_key articles_keys[] = {PRIMARY(&articles[0])};
static struct catalog_key lines_keys[] = {FOREIGN(&order_lines[0], ORDERS, &orders[0]),
    FOREIGN(&order_lines[1], ARTICLES, &articles[0])};
static struct catalog_key orders_keys[] = {PRIMARY(&orders[0]),
    FOREIGN(&orders[1], CUSTOMERS, &customers[0])};

#define MEMBERS(array) .columns = (array), .column_count = sizeof(array) / sizeof(array)[0]
#define KEYS(array) .keys = (array), .key_count = sizeof(array) / sizeof(array)[0]
#define TABLE(in, called) \
    .schema = &schemas[in], .name = (called), .whole = true, .estimated_rows = 10

static struct catalog_relation relations[RELATIONS] = {
    [TIMESHEETS] = {TABLE(1, "TimeSheets"), MEMBERS(timesheets)},
    [ARTICLES] = {TABLE(0, "articles"), MEMBERS(articles), KEYS(articles_keys)},
    [CUSTOMERS] = {TABLE(0, "customers"), MEMBERS(customers), KEYS(customers_keys)},
    [ORDER_LINES] = {TABLE(0, "order_lines"), MEMBERS(order_lines), KEYS(lines_keys)},
    [ORDERS] = {TABLE(0, "orders"), MEMBERS(orders), KEYS(orders_keys)},
    [SALARIES] = {TABLE(0, "salaries"), MEMBERS(salaries)},
};

static const char *keywords[] = {"order", "select"};
static const struct catalog catalog = {.database = "shop",
    .keywords = keywords,
    .keyword_count = 2,
    .schemas = schemas,
    .schema_count = 2,
    .enums = enums,
    .enum_count = 1,
    .relations = relations,
    .relation_count = RELATIONS};

static bool shows(const void *arg, const struct catalog_relation *relation)
{
    (void)arg;
    return relation != &relations[SALARIES];
}

static bool shows_column(const void *arg, const struct catalog_relation *relation,
    const struct catalog_column *column)
{
    (void)arg;
    (void)relation;
    return column != &customers[2];
}

static const struct catalog_filter filter = {shows, shows_column, NULL};

/* ---- helpers ---- */

static void *ctx;

static int set_up(void **state)
{
    (void)state;
    ctx = talloc_new(NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    talloc_free(ctx);
    return 0;
}

static struct nl2sql_semantics *parse(const char *yaml)
{
    struct nl2sql_semantics *semantics = NULL;
    struct error *error = NULL;
    if (!nl2sql_semantics_parse(ctx, "s.yaml", yaml, strlen(yaml), &semantics, &error))
        fail_msg("%s", error_text(ctx, error));
    return semantics;
}

static struct nl2sql_subject subject_of(const char *yaml)
{
    const struct nl2sql_semantics *semantics = yaml ? parse(yaml) : NULL;
    return (struct nl2sql_subject){&catalog, filter, NULL,
        nl2sql_index_create(ctx, &catalog, &filter, NULL, semantics)};
}

static struct nl2sql_context ask(const struct nl2sql_subject *subject, const char *question,
    size_t budget)
{
    struct nl2sql_context context;
    nl2sql_context_build(ctx, subject, question, budget, &context);
    return context;
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("\"%s\" is in:\n%s", part, text);
}

/* ---- words ---- */

static void join_words(void *arg, const char *folded, const char *stem)
{
    (void)folded;
    struct str *out = arg;
    str_printf(out, "%s%s", out->len > 0 ? " " : "", stem);
}

static const char *stems(const char *text)
{
    struct str out;
    str_init(&out, ctx, 1000);
    nl2sql_words_each(text, strlen(text), join_words, &out);
    return str_get(&out);
}

static void test_words(void **state)
{
    (void)state;
    assert_string_equal(stems("customer_id2"), "custom id 2");
    assert_string_equal(stems("CustomerID"), stems("customer id"));
    assert_string_equal(stems("HTTPServerName"), stems("http server name"));
    assert_string_equal(stems("Straße Größe ÉTÉ"), stems("strasse groesse ete"));
    assert_string_equal(stems("T_KND01"), "t knd 01");
    assert_string_equal(stems(""), "");
    static const char *const alike[][2] = {{"deliveries", "delivered"}, {"shipping", "shipped"},
        {"cancellation", "cancelled"}, {"departure", "departed"}, {"invoices", "invoicing"},
        {"boxes", "box"}, {"supply", "supplier"}, {"ids", "id"}};
    for (size_t i = 0; i < sizeof alike / sizeof alike[0]; i++)
        assert_string_equal(stems(alike[i][0]), stems(alike[i][1]));
    static const char *const different[][2] = {{"status", "state"}, {"order", "ordinal"},
        {"department", "departure"}, {"address", "add"}};
    for (size_t i = 0; i < sizeof different / sizeof different[0]; i++)
        assert_string_not_equal(stems(different[i][0]), stems(different[i][1]));
    char long_word[500];
    memset(long_word, 'x', sizeof long_word);
    nl2sql_words_each(long_word, sizeof long_word, join_words,
        &(struct str){.ctx = ctx, .max = 1000});
}

static void test_vocabulary(void **state)
{
    (void)state;
    assert_true(nl2sql_word_worth("which") == 0);
    assert_true(nl2sql_word_worth("zur") == 0);
    assert_true(nl2sql_word_worth("2024") < 1);
    assert_true(nl2sql_word_worth("invoice") == 1);
    assert_string_equal(nl2sql_long_form("qty"), "quantity");
    assert_string_equal(nl2sql_long_form("acc"), "account");
    assert_string_equal(nl2sql_long_form("yr"), "year");
    assert_null(nl2sql_long_form("quantity"));
    bool found = false;
    const char *other;
    for (size_t n = 0; (other = nl2sql_synonym(stems("clients"), n)) != NULL; n++)
        found = found || strcmp(other, "customer") == 0;
    assert_true(found);
    assert_true(nl2sql_likeness("customer", "cusotmer") > 0.4);
    assert_true(nl2sql_likeness("customer", "customer") == 1);
    assert_true(nl2sql_likeness("customer", "invoice") < 0.1);
}

/* ---- names ---- */

static void test_names(void **state)
{
    (void)state;
    const struct catalog_relation *relation = NULL;
    assert_ptr_equal(nl2sql_find_relation(&catalog, &filter, "shop.orders"), &relations[ORDERS]);
    assert_ptr_equal(nl2sql_find_relation(&catalog, &filter, "Shop.ORDERS"), &relations[ORDERS]);
    assert_ptr_equal(nl2sql_find_relation(&catalog, &filter, "Staff.TimeSheets"),
        &relations[TIMESHEETS]);
    assert_ptr_equal(nl2sql_find_relation(&catalog, &filter, "\"Staff\".\"TimeSheets\""),
        &relations[TIMESHEETS]);
    assert_null(nl2sql_find_relation(&catalog, &filter, "\"staff\".timesheets"));
    assert_null(nl2sql_find_relation(&catalog, &filter, "shop.salaries"));
    assert_null(nl2sql_find_relation(&catalog, &filter, "shop.orders; x"));
    assert_ptr_equal(nl2sql_find_column(&catalog, &filter, "shop.articles.label", &relation),
        &articles[1]);
    assert_ptr_equal(nl2sql_find_column(&catalog, &filter, "orders.state", &relation), &orders[2]);
    assert_null(nl2sql_find_column(&catalog, &filter, "shop.customers.iban", &relation));
}

static void test_sql_is_shown(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        bool shown;
    } cases[] = {
        {"SELECT name FROM customers", true},
        {"SELECT c.name FROM shop.customers AS c JOIN shop.orders AS o USING (customer_id)", true},
        {"WITH x AS (SELECT 1) SELECT * FROM x", true},
        {"SELECT extract(year FROM o.state) FROM orders AS o", true},
        {"SELECT 'salaries' FROM orders -- salaries", true},
        {"SELECT n FROM generate_series(1, 3) AS n", true},
        {"SELECT amount FROM salaries", false},
        {"SELECT amount FROM SHOP.Salaries", false},
        {"SELECT 1 FROM orders, \"salaries\"", false},
        {"SELECT iban FROM customers", false},
        {"SELECT c.\"iban\" FROM customers AS c", false},
        {"SELECT 1 FROM elsewhere", false},
    };
    bool used[RELATIONS];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memset(used, 0, sizeof used);
        if (nl2sql_sql_is_shown(ctx, &catalog, &filter, cases[i].sql, used) != cases[i].shown)
            fail_msg("%s", cases[i].sql);
    }
}

/* ---- the semantic file ---- */

static const char knowledge[] =
    "terms:\n"
    "  - {term: best seller, means: sold most often, tables: shop.order_lines}\n"
    "  - {term: pay, means: the secret of salaries, columns: [shop.salaries.amount]}\n"
    "metrics:\n"
    "  - {name: units sold, sql: sum(qty), table: shop.order_lines}\n"
    "  - {name: wages, sql: sum(amount), table: shop.salaries}\n"
    "  - {name: accounts, sql: count(iban), table: shop.customers}\n"
    "joins:\n"
    "  - {from: Staff.TimeSheets.hours, to: shop.articles.Label}\n"
    "  - {from: shop.customers.iban, to: shop.articles.Label}\n"
    "filters:\n"
    "  - {table: shop.orders, where: state <> 'open', why: they may change}\n"
    "examples:\n"
    "  - {question: How many orders are paid?, sql: SELECT count(*) FROM orders WHERE state = "
    "'paid'}\n"
    "  - {question: How many orders do the best paid have?, sql: SELECT 1 FROM orders JOIN "
    "salaries ON true}\n";

static void test_semantics(void **state)
{
    (void)state;
    const struct nl2sql_semantics *s = parse(knowledge);
    assert_int_equal(s->term_count, 2);
    assert_string_equal(s->terms[0].tables.items[0], "shop.order_lines");
    assert_int_equal(s->metric_count, 3);
    assert_int_equal(s->metrics[2].line, 7);
    assert_string_equal(s->filters[0].why, "they may change");
    assert_int_equal(s->example_count, 2);
    assert_int_equal(parse("")->term_count, 0);
    assert_int_equal(parse("terms:\n")->term_count, 0);
}

static void test_semantics_errors(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"term:\n", "s.yaml:1: unknown key \"term\"\nHINT: did you mean \"terms\"?"},
        {"terms:\n  - term: a\n    mean: b\n",
            "s.yaml:3: unknown key \"mean\" in \"terms\"\nHINT: did you mean \"means\"?"},
        {"terms:\n  - means: b\n", "s.yaml:2: \"term\" is missing"},
        {"terms:\n  - term: a\n    term: b\n", "s.yaml:3: \"term\" is given twice"},
        {"terms: {}\n", "s.yaml:1: \"terms\" must be a list"},
        {"terms: [a]\n", "an item of \"terms\" must be a mapping"},
        {"joins:\n  - from: [a]\n", "s.yaml:2: \"from\" must be a text"},
        {"joins:\n  - from: ''\n", "s.yaml:2: \"from\" is empty"},
        {"terms:\nterms:\n", "s.yaml:2: \"terms\" is given twice"},
        {"joins: *x\n", "aliases are not supported"},
        {"joins: [\n", "s.yaml:2: invalid YAML"},
        {"--- a\n", "expected lists with names"},
        {"joins:\n---\n", "only one YAML document"},
        {"\xff", "not valid UTF-8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nl2sql_semantics *semantics = NULL;
        struct error *error = NULL;
        assert_false(nl2sql_semantics_parse(ctx, "s.yaml", cases[i][0], strlen(cases[i][0]),
            &semantics, &error));
        assert_has(error_text(ctx, error), cases[i][1]);
    }
}

/* ---- contexts ---- */

static void test_whole(void **state)
{
    (void)state;
    struct nl2sql_subject subject = subject_of(NULL);
    struct nl2sql_context context = ask(&subject, "Who ordered most?", 6000);
    assert_true(context.whole);
    assert_int_equal(context.relation_count, RELATIONS - 1);
    assert_int_equal(context.omitted, 0);
    assert_true(context.tokens <= 6000);
    assert_has(context.text, "\"Staff\".\"TimeSheets\" (~10 rows)\n  hours numeric null\n");
    assert_has(context.text, "  customer_id integer → shop.customers.customer_id\n");
    assert_has(context.text, "  \"Label\" text null\n");
    assert_has(context.text, "enum shop.state: 'open', 'paid', '< /schema> it''s over'\n");
    assert_has(context.text, "-- as on < /schema> letters\n");
}

static void test_hidden(void **state)
{
    (void)state;
    struct nl2sql_subject subject = subject_of(knowledge);
    const char *text = ask(&subject, "salaries and iban of the best paid", 6000).text;
    assert_lacks(text, "salaries");
    assert_lacks(text, "iban");
    assert_lacks(text, "wages");
    assert_lacks(text, "secret");
}

static void test_knowledge(void **state)
{
    (void)state;
    struct nl2sql_subject subject = subject_of(knowledge);
    const char *text = ask(&subject, "How many paid orders?", 6000).text;
    assert_has(text, "best seller: sold most often → shop.order_lines\n");
    assert_has(text, "units sold = sum(qty) of shop.order_lines\n");
    assert_has(text, "\"Staff\".\"TimeSheets\".hours = shop.articles.\"Label\"\n");
    assert_has(text, "shop.orders: WHERE state <> 'open' -- they may change\n");
    assert_has(text, "question: How many orders are paid?\nsql: SELECT count(*)");
}

static void test_stable(void **state)
{
    (void)state;
    struct nl2sql_subject subject = subject_of(NULL);
    assert_string_equal(ask(&subject, "Who?", 6000).text, ask(&subject, "What else?", 6000).text);
    assert_string_equal(ask(&subject, "paid orders", 130).text,
        ask(&subject, "paid orders", 130).text);
}

static void test_linked(void **state)
{
    (void)state;
    struct nl2sql_subject subject = subject_of(NULL);
    static const char *const cases[][2] = {
        {"hours on time sheets", "\"Staff\".\"TimeSheets\" (~10 rows)"},
        {"which cusotmers are there", "shop.customers (~10 rows)"},
        {"which clients are there", "shop.customers (~10 rows)"},
        {"quantity by article", "shop.order_lines (~10 rows)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nl2sql_context context = ask(&subject, cases[i][0], 130);
        assert_false(context.whole);
        assert_true(context.tokens <= 130);
        assert_int_equal(context.relation_count + context.omitted, RELATIONS - 1);
        assert_has(context.text, cases[i][1]);
        assert_has(context.text, "did not fit");
    }
}

/* Nothing in the question speaks of what lies between customers and articles. */
static void test_bridges(void **state)
{
    (void)state;
    struct nl2sql_subject subject = subject_of(NULL);
    struct nl2sql_links links;
    nl2sql_link(ctx, subject.index, "customers and articles", &links);
    bool near[RELATIONS] = {false};
    for (size_t i = 0; i < 4; i++)
        near[subject.index->relations[links.ranked[i]] - relations] = true;
    assert_true(near[CUSTOMERS] && near[ARTICLES] && near[ORDERS] && near[ORDER_LINES]);
}

static void test_coverage(void **state)
{
    (void)state;
    struct nl2sql_subject subject = subject_of(NULL);
    assert_true(ask(&subject, "How many customers have paid orders?", 6000).coverage == 1);
    assert_true(ask(&subject, "customers with xylophones", 6000).coverage == 0.5);
    assert_true(ask(&subject, NULL, 6000).coverage == 1);
}

static void test_any_question(void **state)
{
    (void)state;
    struct nl2sql_subject subject = subject_of(knowledge);
    char *much = talloc_array(ctx, char, 1 << 20);
    for (size_t i = 0; i < (1 << 20) - 1; i++)
        much[i] = i % 7 == 6 ? ' ' : (char)('a' + i * i % 26);
    much[(1 << 20) - 1] = '\0';
    assert_true(ask(&subject, much, 200).tokens <= 200);
    assert_true(ask(&subject, "\xff\xc3 \x01 '\"; DROP", 200).tokens <= 200);
    assert_true(ask(&subject, "", 200).tokens <= 200);
}

static void test_similar_values(void **state)
{
    (void)state;
    struct nl2sql_subject subject = subject_of(NULL);
    struct nl2sql_value values[2];
    assert_int_equal(nl2sql_similar_values(&subject, NULL, 0, "PAID", values, 2), 1);
    assert_string_equal(values[0].value, "paid");
    assert_ptr_equal(values[0].column, &orders[2]);
    assert_int_equal(nl2sql_similar_values(&subject, NULL, 0, "opne", values, 2), 1);
    assert_int_equal(nl2sql_similar_values(&subject, NULL, 0, "zzz", values, 2), 0);
    const struct catalog_relation *none[] = {&relations[CUSTOMERS]};
    assert_int_equal(nl2sql_similar_values(&subject, none, 1, "paid", values, 2), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {T(test_words), T(test_vocabulary), T(test_names),
        T(test_sql_is_shown), T(test_semantics), T(test_semantics_errors), T(test_whole),
        T(test_hidden), T(test_knowledge), T(test_stable), T(test_linked), T(test_bridges),
        T(test_coverage), T(test_any_question), T(test_similar_values)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
