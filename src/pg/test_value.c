/* Unit tests: values as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <talloc.h>

#include "pg/value.h"

static void *ctx;

static const char *json(Oid type, const char *text, size_t max)
{
    struct str out;
    str_init(&out, ctx, 1000);
    struct json_writer w;
    jw_init(&w, &out);
    pg_value_write(&w, type, text, text ? strlen(text) : 0, max);
    return str_get(&out);
}

static void values_keep_their_meaning(void **state)
{
    (void)state;
    ctx = talloc_new(NULL);
    assert_string_equal(json(16, "t", 99), "true");
    assert_string_equal(json(16, "f", 99), "false");
    assert_string_equal(json(23, "-7", 99), "-7");
    assert_string_equal(json(20, "9007199254740992", 99), "9007199254740992");
    assert_string_equal(json(20, "9007199254740993", 99), "\"9007199254740993\"");
    assert_string_equal(json(20, "-9223372036854775808", 99), "\"-9223372036854775808\"");
    assert_string_equal(json(1700, "1.10", 99), "\"1.10\"");
    assert_string_equal(json(701, "1e-07", 99), "1e-07");
    assert_string_equal(json(701, "-Infinity", 99), "\"-Infinity\"");
    assert_string_equal(json(700, "NaN", 99), "\"NaN\"");
    assert_string_equal(json(25, NULL, 99), "null");
    assert_string_equal(json(25, "", 99), "\"\"");
    assert_string_equal(json(17, "\\x00ff", 99), "\"\\\\x00ff\"");
    assert_string_equal(json(114, "{\"a\":\n1}", 99), "{\"a\": 1}");
    assert_string_equal(json(114, "\"\x95\\\"", 99), "\"\\\"\xef\xbf\xbd\\\\\\\"\"");
    assert_string_equal(json(3802, "null", 99), "\"null\"");
    assert_string_equal(json(3802, "\"a\"", 99), "\"\\\"a\\\"\"");
    assert_string_equal(json(3802, "[\"]}\\\"[\"]", 99), "[\"]}\\\"[\"]");
    char deep[300] = {0};
    memset(deep, '[', 149);
    memset(deep + 149, ']', 149);
    assert_int_equal(json(3802, deep, 400)[0], '"');
    assert_string_equal(json(701, "", 99), "\"\"");
    talloc_free(ctx);
}

static void long_values_are_cut_between_characters(void **state)
{
    (void)state;
    ctx = talloc_new(NULL);
    assert_string_equal(json(25, "aé€", 4), "\"aé…(+3 bytes)\"");
    assert_string_equal(json(3802, "{\"a\": 1}", 4), "\"{\\\"a\\\"…(+4 bytes)\"");
    talloc_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_keep_their_meaning),
        cmocka_unit_test(long_values_are_cut_between_characters),
    };
    return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
