/* Unit tests of what is read from a model's answer and from a plan's conditions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "nl2sql/asking.h"

static void answers_in_every_form(void **state)
{
    (void)state;
    static const struct {
        const char *text, *sql; /* NULL: no query */
        enum nl2sql_verdict verdict;
        bool loose;
    } cases[] = {
        {"{\"verdict\":\"sql\",\"sql\":\" SELECT 1; \"}", "SELECT 1", NL2SQL_ANSWERED, false},
        {"{\"sql\":\"SELECT 1\"}", "SELECT 1", NL2SQL_ANSWERED, false},
        {"{\"verdict\":\"SQL\",\"sql\":\"SELECT 1\",\"more\":{}}", "SELECT 1", NL2SQL_ANSWERED,
            false},
        {"{\"verdict\":\"clarify\",\"sql\":\"SELECT 1\",\"question\":\"Which?\"}", NULL,
            NL2SQL_CLARIFY, false},
        {"{\"verdict\":\"clarify\",\"sql\":\"SELECT 1\"}", "SELECT 1", NL2SQL_ANSWERED, false},
        {"{\"verdict\":\"cannot\",\"sql\":\"SELECT 1\"}", NULL, NL2SQL_CANNOT, false},
        {"{\"sql\":\"\",\"reason\":\"no data\"}", NULL, NL2SQL_CANNOT, false},
        {"Well: {\"sql\":\"SELECT 1\"} is it.", "SELECT 1", NL2SQL_ANSWERED, true},
        {"```json\n{\"sql\":\"SELECT 1\"}\n```", "SELECT 1", NL2SQL_ANSWERED, true},
        {"```\nSELECT 1\n```", "SELECT 1", NL2SQL_ANSWERED, true},
        {"Text {x}\n```sql\nSELECT 1;\n```\nmore ```SELECT 2```", "SELECT 1", NL2SQL_ANSWERED,
            true},
        {"```sql\nSELECT 1", "SELECT 1", NL2SQL_ANSWERED, true},
        {"Select what you like: SELECT 1; and so on", "SELECT 1", NL2SQL_ANSWERED, true},
        {"With love.\n\nWITH a AS (SELECT 1)\nSELECT * FROM a\n\nBye",
            "WITH a AS (SELECT 1)\nSELECT * FROM a", NL2SQL_ANSWERED, true},
        {"selections select 1", "select 1", NL2SQL_ANSWERED, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        void *ctx = talloc_new(NULL);
        struct nl2sql_answer answer;
        struct error *error = NULL;
        assert_true(nl2sql_answer_read(ctx, cases[i].text, false, &answer, &error));
        assert_int_equal(answer.verdict, cases[i].verdict);
        assert_int_equal(answer.loose, cases[i].loose);
        if (cases[i].sql)
            assert_string_equal(answer.sql, cases[i].sql);
        talloc_free(ctx);
    }
}

static void cut_answers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool whole;
    } cases[] = {
        {"{\"sql\":\"SELECT 1\"}", true},
        {"```\n{\"sql\":\"SELECT 1\"}\n``", true},
        {"{\"sql\":\"SELECT 1", false},
        {"SELECT 1", false},
        {"```sql\nSELECT 1", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        void *ctx = talloc_new(NULL);
        struct nl2sql_answer answer;
        struct error *error = NULL;
        assert_int_equal(nl2sql_answer_read(ctx, cases[i].text, true, &answer, &error),
            cases[i].whole);
        assert_true(cases[i].whole || strstr(error->hint, "llm.max_tokens"));
        talloc_free(ctx);
    }
}

static void no_answers(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "no", "{}", "[1]", "{\"sql\":1}", "```\n```", "```",
        "Please select one.", "Rules: only SELECT; use joins.", "{\"sql\":\"SELECT\"}",
        "DELETE FROM t", "{\"verdict\":\"sql\"}", "{{{{", "\"SELECT\""};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        void *ctx = talloc_new(NULL);
        struct nl2sql_answer answer;
        struct error *error = NULL;
        assert_false(nl2sql_answer_read(ctx, texts[i], false, &answer, &error));
        assert_non_null(error->hint);
        talloc_free(ctx);
    }
}

static void what_people_read_is_clean_and_short(void **state)
{
    (void)state;
    void *ctx = talloc_new(NULL);
    struct nl2sql_answer answer;
    struct error *error = NULL;
    char *text = talloc_strdup(ctx, "{\"verdict\":\"clarify\",\"question\":\"a\\u001b[31m\\nb\","
                                    "\"options\":[\"x\",\"x\",\" \",3,\"y\"],\"reading\":\"");
    for (int i = 0; i < 1000; i++)
        text = talloc_strdup_append(text, "ü");
    text = talloc_strdup_append(text, "\"}");
    assert_true(nl2sql_answer_read(ctx, text, false, &answer, &error));
    assert_string_equal(answer.question, "a [31m b");
    assert_int_equal(answer.options.count, 2);
    assert_string_equal(answer.options.items[1], "y");
    assert_in_range(strlen(answer.reading), 500, 700);
    talloc_free(ctx);
}

static void constants_of_conditions(void **state)
{
    (void)state;
    static const struct {
        const char *condition, *expected;
    } cases[] = {
        {"(c.city = 'NYC'::text)", "city=NYC;"},
        {"((c.name)::text ~~ '%O''Hara%'::text)", "nameLIKE%O'Hara%;"},
        {"(lower((c.city)::text) = 'nyc'::text)", "lower city=nyc;"},
        {"((city)::text = ANY ('{NYC,\"New York\",NULL}'::text[]))", "city=NYC;city=New York;"},
        {"((t.\"Ort\" = 'x'::text) AND (t.code ~~* 'y%'::text))", "Ort=x;codeILIKEy%;"},
        {"(((a.kind)::character varying(3))::text = 'k'::text)", "kind=k;"},
        {"((a.n > 5) AND (a.d >= '2020-01-01'::date) AND (a.city <> 'X'::text))", ""},
        {"(o.status = 'paid'::order_status)", ""},
        {"(a.x = b.y)", ""},
        {"(a.x = 'open", ""},
        {"((a.x IS NULL) OR (a.y = ''::text))", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        void *ctx = talloc_new(NULL);
        struct nl2sql_details details = {.literal_count = 0};
        nl2sql_literals_read(ctx, "s", "r", cases[i].condition, &details);
        char *found = talloc_strdup(ctx, "");
        for (size_t n = 0; n < details.literal_count; n++) {
            const struct nl2sql_literal *literal = &details.literals[n];
            found = talloc_asprintf_append(found, "%s%s%s%s;", literal->folded ? "lower " : "",
                literal->column, literal->operator, literal->value);
        }
        assert_string_equal(found, cases[i].expected);
        talloc_free(ctx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_in_every_form),
        cmocka_unit_test(cut_answers),
        cmocka_unit_test(no_answers),
        cmocka_unit_test(what_people_read_is_clean_and_short),
        cmocka_unit_test(constants_of_conditions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
