/* Unit tests of catalog/: search and rendering, on a catalog made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "catalog/render.h"

/* ---- a shop: orders → customers, order_lines → orders, and a table that nobody may see ---- */

static struct catalog_schema schemas[] = {{.name = "public", .comment = "what we sell"},
    {.name = "stock Room"}};

static const char *states[] = {"new", "it's paid"};
static struct catalog_enum enums[] = {
    {.schema = "public", .name = "state", .values = states, .value_count = 2}};

static struct catalog_column customers[] = {
    {.name = "id", .type = "bigint", .not_null = true, .identity = "always"},
    {.name = "name", .type = "character varying(120)", .comment = "as on\nletters"},
    {.name = "balance", .type = "numeric(12,2)", .not_null = true, .default_to = "0.00"},
};
static struct catalog_column lines[] = {
    {.name = "order_id", .type = "bigint", .not_null = true},
    {.name = "line", .type = "smallint", .not_null = true},
    {.name = "total", .type = "double precision", .generated = "(1 + line)"},
};
static struct catalog_column orders[] = {
    {.name = "id", .type = "bigint", .not_null = true},
    {.name = "customer_id", .type = "bigint", .not_null = true},
    {.name = "state", .type = "state", .enumeration = &enums[0]},
    {.name = "user_id", .type = "bigint", .generated = "(id / 2)"},
};
static struct catalog_column users[] = {{.name = "id", .type = "bigint", .not_null = true}};
static struct catalog_column shelves[] = {
    {.name = "order", .type = "timestamp with time zone[]"},
    {.name = "old state", .type = "state[]", .enumeration = &enums[0]},
};

enum { CUSTOMERS, ORDER_LINES, ORDERS, USERS, SHELVES, RELATIONS };

#define COLUMNS(...) ((const struct catalog_column *[]){__VA_ARGS__})

static struct catalog_relation relations[RELATIONS];

static struct catalog_key customers_keys[] = {
    {.kind = CATALOG_PRIMARY, .columns = COLUMNS(&customers[0]), .column_count = 1},
    {.kind = CATALOG_UNIQUE, .columns = COLUMNS(&customers[1]), .column_count = 1},
};
static struct catalog_key lines_keys[] = {
    {.kind = CATALOG_FOREIGN,
        .name = "of_order",
        .columns = COLUMNS(&lines[0]),
        .column_count = 1,
        .target = &relations[ORDERS],
        .target_columns = COLUMNS(&orders[0])},
    {.kind = CATALOG_PRIMARY, .columns = COLUMNS(&lines[0], &lines[1]), .column_count = 2},
};
static struct catalog_key orders_keys[] = {
    {.kind = CATALOG_FOREIGN,
        .name = "of_customer",
        .columns = COLUMNS(&orders[1]),
        .column_count = 1,
        .target = &relations[CUSTOMERS],
        .target_columns = COLUMNS(&customers[0])},
    {.kind = CATALOG_FOREIGN,
        .name = "of_user",
        .columns = COLUMNS(&orders[3]),
        .column_count = 1,
        .target = &relations[USERS],
        .target_columns = COLUMNS(&users[0])},
    {.kind = CATALOG_PRIMARY, .columns = COLUMNS(&orders[0]), .column_count = 1},
    {.kind = CATALOG_UNIQUE, .columns = COLUMNS(&orders[1], &orders[2]), .column_count = 2},
};
static struct catalog_key users_keys[] = {
    {.kind = CATALOG_FOREIGN,
        .name = "is_customer",
        .columns = COLUMNS(&users[0]),
        .column_count = 1,
        .target = &relations[CUSTOMERS],
        .target_columns = COLUMNS(&customers[0])},
};

#define MEMBERS(array) .columns = (array), .column_count = sizeof(array) / sizeof(array)[0]
#define KEYS(array) .keys = (array), .key_count = sizeof(array) / sizeof(array)[0]

static struct catalog_relation relations[RELATIONS] = {
    [CUSTOMERS] = {.schema = &schemas[0],
        .name = "customers",
        .comment = "people who buy",
        .estimated_rows = 2000,
        .whole = true,
        MEMBERS(customers),
        KEYS(customers_keys)},
    [ORDER_LINES] = {.schema = &schemas[0],
        .name = "order_lines",
        .estimated_rows = 0,
        .whole = false,
        MEMBERS(lines),
        KEYS(lines_keys)},
    [ORDERS] = {.schema = &schemas[0],
        .name = "orders",
        .kind = CATALOG_PARTITIONED_TABLE,
        .estimated_rows = 9000,
        .partition_count = 3,
        .whole = true,
        MEMBERS(orders),
        KEYS(orders_keys)},
    [USERS] = {.schema = &schemas[0],
        .name = "users",
        .comment = "secret",
        .estimated_rows = -1,
        .whole = true,
        MEMBERS(users),
        KEYS(users_keys)},
    [SHELVES] = {.schema = &schemas[1],
        .name = "shelves",
        .kind = CATALOG_VIEW,
        .estimated_rows = -1,
        .whole = true,
        MEMBERS(shelves)},
};

static const char *keywords[] = {"order", "select"};

static struct catalog catalog = {
    .database = "shop",
    .server_version = "15.4",
    .keywords = keywords,
    .keyword_count = 2,
    .schemas = schemas,
    .schema_count = 2,
    .enums = enums,
    .enum_count = 1,
    .relations = relations,
    .relation_count = RELATIONS,
};

static bool not_users(const void *arg, const struct catalog_relation *relation)
{
    (void)arg;
    return relation != &relations[USERS];
}

/* `arg` is a list of columns that are hidden, or NULL. */
static bool not_listed(const void *arg, const struct catalog_relation *relation,
    const struct catalog_column *column)
{
    const struct catalog_column *const *hidden = arg;
    assert_in_range(column - relation->columns, 0, relation->column_count - 1);
    while (hidden && *hidden && *hidden != column)
        hidden++;
    return !hidden || !*hidden;
}

static const struct catalog_filter filter = {not_users, not_listed, NULL};
static const struct catalog_filter strict = {not_users, not_listed,
    COLUMNS(&customers[1], &lines[1], &orders[2], &shelves[1], NULL)};
static const struct catalog_relation *shown[] = {&relations[CUSTOMERS], &relations[ORDER_LINES],
    &relations[ORDERS], &relations[SHELVES]};
enum { SHOWN = 4 };

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

/* ---- search ---- */

static void test_find_schema(void **state)
{
    (void)state;
    assert_ptr_equal(catalog_find_schema(&catalog, "public"), &schemas[0]);
    assert_null(catalog_find_schema(&catalog, "stock"));
}

static void test_nearest(void **state)
{
    (void)state;
    assert_ptr_equal(catalog_nearest_relation(&catalog, "custmers", &filter),
        &relations[CUSTOMERS]);
    assert_ptr_equal(catalog_nearest_relation(&catalog, "ORDERS", &filter), &relations[ORDERS]);
    assert_null(catalog_nearest_relation(&catalog, "user", &filter));
    assert_null(catalog_nearest_relation(&catalog, "something else", &filter));
    assert_ptr_equal(catalog_nearest_column(shown, SHOWN, "custommer_id", &filter), &orders[1]);
    assert_null(catalog_nearest_column(shown, 1, "customer_id", &filter));
    assert_ptr_equal(catalog_nearest_column(shown, SHOWN, "stat", &filter), &orders[2]);
    assert_null(catalog_nearest_column(shown, SHOWN, "stat", &strict));
}

static void test_words(void **state)
{
    (void)state;
    assert_true(catalog_matches(&relations[CUSTOMERS], "CUSTOM", &filter));
    assert_true(catalog_matches(&relations[CUSTOMERS], "  buy\tbalance ", &filter));
    assert_true(catalog_matches(&relations[CUSTOMERS], "letters public", &filter));
    assert_true(catalog_matches(&relations[ORDERS], "PAID", &filter));
    assert_true(catalog_matches(&relations[ORDERS], "", &filter));
    assert_false(catalog_matches(&relations[CUSTOMERS], "buy paid", &filter));
    assert_false(catalog_matches(&relations[SHELVES], "shelvesshelves", &filter));
    assert_false(catalog_matches(&relations[CUSTOMERS], "name", &strict));
    assert_false(catalog_matches(&relations[CUSTOMERS], "letters", &strict));
    assert_false(catalog_matches(&relations[ORDERS], "paid", &strict));
    assert_true(catalog_matches(&relations[ORDERS], "customer_id", &strict));
}

static void assert_name(const char *text, const char *schema, const char *name)
{
    const char *got_schema = "?", *got_name = "?";
    assert_true(catalog_parse_name(ctx, text, &got_schema, &got_name));
    if (schema)
        assert_string_equal(got_schema, schema);
    else
        assert_null(got_schema);
    assert_string_equal(got_name, name);
}

static void test_parse_name(void **state)
{
    (void)state;
    assert_name("orders", NULL, "orders");
    assert_name(" Public.ORDERS\n", "public", "orders");
    assert_name("\"stock Room\".\"a\"\"b.c\"", "stock Room", "a\"b.c");
    assert_name("näme$1", NULL, "näme$1");
    static const char *const wrong[] = {"", ".", "a.", ".a", "a b", "1a", "\"a", "\"\"", "a.b.c",
        "a-b", "\"a\"b", "a\"b\""};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *schema = "kept", *name = "kept";
        assert_false(catalog_parse_name(ctx, wrong[i], &schema, &name));
        assert_string_equal(schema, "kept");
        assert_string_equal(name, "kept");
    }
}

/* ---- rendering ---- */

enum { PLENTY = 100000 };

static struct catalog_view view_of(enum catalog_detail detail)
{
    return (struct catalog_view){.catalog = &catalog,
        .relations = shown,
        .relation_count = SHOWN,
        .filter = filter,
        .detail = detail};
}

static void assert_text(const struct catalog_view *view, const char *expected)
{
    struct str out;
    str_init(&out, ctx, PLENTY);
    struct catalog_listing listing = catalog_render_text(view, &out);
    assert_string_equal(str_get(&out), expected);
    assert_int_equal(listing.detail, view->detail);
    assert_int_equal(listing.omitted, 0);
}

static void test_text_names(void **state)
{
    (void)state;
    struct catalog_view view = view_of(CATALOG_NAMES);
    assert_text(&view, "public.customers (~2000 rows)\n"
                       "public.order_lines (~0 rows, only these columns may be read)\n"
                       "public.orders (partitioned table, 3 partitions, ~9000 rows)\n"
                       "\"stock Room\".shelves (view)\n");
}

static void test_text_columns(void **state)
{
    (void)state;
    struct catalog_view view = view_of(CATALOG_COLUMNS);
    assert_text(&view,
        "public.customers (~2000 rows): id bigint PK, name varchar(120) UNIQUE, "
        "balance numeric(12,2) NOT NULL\n"
        "public.order_lines (~0 rows, only these columns may be read): "
        "order_id bigint NOT NULL → public.orders.id, line smallint NOT NULL, total float8; "
        "PRIMARY KEY (order_id, line)\n"
        "public.orders (partitioned table, 3 partitions, ~9000 rows): id bigint PK, "
        "customer_id bigint NOT NULL → public.customers.id, state state, user_id bigint; "
        "UNIQUE (customer_id, state)\n"
        "\"stock Room\".shelves (view): \"order\" timestamptz[], \"old state\" state[]\n"
        "enum public.state: 'new', 'it''s paid'\n");
}

static void test_text_full(void **state)
{
    (void)state;
    struct catalog_view view = view_of(CATALOG_FULL);
    view.relation_count = 2;
    view.referenced_by = true;
    assert_text(&view, "schema public -- what we sell\n"
                       "public.customers (~2000 rows) -- people who buy\n"
                       "  id bigint PK IDENTITY\n"
                       "  name varchar(120) UNIQUE -- as on letters\n"
                       "  balance numeric(12,2) NOT NULL DEFAULT 0.00\n"
                       "  referenced by public.orders (customer_id)\n"
                       "public.order_lines (~0 rows, only these columns may be read)\n"
                       "  order_id bigint NOT NULL → public.orders.id\n"
                       "  line smallint NOT NULL\n"
                       "  total float8\n"
                       "  PRIMARY KEY (order_id, line)\n");
}

/* Hidden columns take with them: keys, enums that only they have, expressions. */
static void test_text_filtered(void **state)
{
    (void)state;
    struct catalog_view view = view_of(CATALOG_FULL);
    view.filter = strict;
    view.referenced_by = true;
    assert_text(&view,
        "schema public -- what we sell\n"
        "public.customers (~2000 rows, only these columns may be read) -- people who buy\n"
        "  id bigint PK IDENTITY\n"
        "  balance numeric(12,2) NOT NULL DEFAULT 0.00\n"
        "  referenced by public.orders (customer_id)\n"
        "public.order_lines (~0 rows, only these columns may be read)\n"
        "  order_id bigint NOT NULL → public.orders.id\n"
        "  total float8\n"
        "public.orders (partitioned table, 3 partitions, ~9000 rows, only these columns may be "
        "read)\n"
        "  id bigint PK\n"
        "  customer_id bigint NOT NULL → public.customers.id\n"
        "  user_id bigint\n"
        "  referenced by public.order_lines (order_id)\n"
        "\"stock Room\".shelves (view, only these columns may be read)\n"
        "  \"order\" timestamptz[]\n");
}

/* A foreign key is hidden with a column at either end. */
static void test_text_foreign_keys(void **state)
{
    (void)state;
    struct catalog_view view = view_of(CATALOG_COLUMNS);
    view.relation_count = 3;
    view.referenced_by = true;
    view.filter.arg = COLUMNS(&customers[0], &lines[0], NULL);
    assert_text(&view, "public.customers (~2000 rows, only these columns may be read): "
                       "name varchar(120) UNIQUE, balance numeric(12,2) NOT NULL\n"
                       "public.order_lines (~0 rows, only these columns may be read): "
                       "line smallint NOT NULL, total float8\n"
                       "public.orders (partitioned table, 3 partitions, ~9000 rows): id bigint PK, "
                       "customer_id bigint NOT NULL, state state, user_id bigint; "
                       "UNIQUE (customer_id, state)\n"
                       "enum public.state: 'new', 'it''s paid'\n");
}

static json_t *render_json(const struct catalog_view *view, size_t max,
    struct catalog_listing *listing)
{
    struct str out, whole;
    str_init(&out, ctx, max);
    str_init(&whole, ctx, max + 2);
    *listing = catalog_render_json(view, &out);
    assert_false(out.full);
    str_printf(&whole, "{%s}", str_get(&out));
    json_t *json = json_loads(str_get(&whole), JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    str_done(&out);
    str_done(&whole);
    return json;
}

static void test_json(void **state)
{
    (void)state;
    struct catalog_listing listing;
    struct catalog_view view = view_of(CATALOG_FULL);
    view.relations = &shown[2];
    view.relation_count = 1;
    view.referenced_by = true;
    json_t *json = render_json(&view, PLENTY, &listing);
    char *text = json_dumps(json, JSON_COMPACT);
    assert_string_equal(text,
        "{\"schemas\":[{\"name\":\"public\",\"comment\":\"what we sell\",\"tables\":["
        "{\"name\":\"orders\",\"kind\":\"partitioned table\",\"estimated_rows\":9000,"
        "\"partitions\":3,\"columns\":["
        "{\"name\":\"id\",\"type\":\"bigint\",\"nullable\":false},"
        "{\"name\":\"customer_id\",\"type\":\"bigint\",\"nullable\":false},"
        "{\"name\":\"state\",\"type\":\"state\",\"nullable\":true},"
        "{\"name\":\"user_id\",\"type\":\"bigint\",\"nullable\":true,"
        "\"generated\":\"(id / 2)\"}],"
        "\"primary_key\":[\"id\"],\"unique\":[[\"customer_id\",\"state\"]],"
        "\"foreign_keys\":[{\"name\":\"of_customer\",\"columns\":[\"customer_id\"],"
        "\"references\":{\"schema\":\"public\",\"table\":\"customers\",\"columns\":[\"id\"]}}],"
        "\"referenced_by\":[{\"schema\":\"public\",\"table\":\"order_lines\","
        "\"columns\":[\"order_id\"]}]}]}],"
        "\"enums\":[{\"schema\":\"public\",\"name\":\"state\","
        "\"values\":[\"new\",\"it's paid\"]}]}");
    free(text);
    json_decref(json);
}

static void test_json_filtered(void **state)
{
    (void)state;
    struct catalog_listing listing;
    struct catalog_view view = view_of(CATALOG_FULL);
    view.filter.arg = COLUMNS(&customers[0], &orders[0], &orders[2], NULL);
    view.relations = &shown[2];
    view.relation_count = 1;
    view.referenced_by = true;
    json_t *json = render_json(&view, PLENTY, &listing);
    char *text = json_dumps(json, JSON_COMPACT);
    assert_string_equal(text,
        "{\"schemas\":[{\"name\":\"public\",\"comment\":\"what we sell\",\"tables\":["
        "{\"name\":\"orders\",\"kind\":\"partitioned table\",\"estimated_rows\":9000,"
        "\"partitions\":3,\"only_these_columns\":true,\"columns\":["
        "{\"name\":\"customer_id\",\"type\":\"bigint\",\"nullable\":false},"
        "{\"name\":\"user_id\",\"type\":\"bigint\",\"nullable\":true}],"
        "\"referenced_by\":[]}]}],\"enums\":[]}");
    free(text);
    json_decref(json);
}

/* Whatever the budget: valid, within it, whole relations from the first on, and all counted. */
static void test_budgets(void **state)
{
    (void)state;
    for (size_t max = 60; max < 2500; max++) {
        struct catalog_listing listing;
        struct catalog_view view = view_of(CATALOG_FULL);
        view.may_shrink = max % 2 == 0;
        json_t *json = render_json(&view, max, &listing);
        size_t listed = 0, i;
        json_t *schema;
        json_array_foreach(json_object_get(json, "schemas"), i, schema)
            listed += json_array_size(json_object_get(schema, "tables"));
        assert_int_equal(listed + listing.omitted, SHOWN);
        assert_true(listing.detail == CATALOG_FULL || view.may_shrink);
        assert_true(listing.omitted == 0 || !view.may_shrink || listing.detail == CATALOG_NAMES);
        json_decref(json);

        struct str out;
        str_init(&out, ctx, max);
        listing = catalog_render_text(&view, &out);
        assert_false(out.full);
        assert_true(listing.omitted == 0 || !view.may_shrink || listing.detail == CATALOG_NAMES);
        assert_true(out.len == 0 ? listing.omitted == SHOWN : out.data[out.len - 1] == '\n');
        str_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find_schema),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_parse_name),
        cmocka_unit_test(test_text_names),
        cmocka_unit_test(test_text_columns),
        cmocka_unit_test(test_text_full),
        cmocka_unit_test(test_text_filtered),
        cmocka_unit_test(test_text_foreign_keys),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_json_filtered),
        cmocka_unit_test(test_budgets),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
