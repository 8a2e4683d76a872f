/* Unit tests of base/. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <talloc.h>

#include "base/error.h"
#include "base/json_writer.h"
#include "base/str.h"
#include "base/text.h"

static void str_refuses_what_passes_its_maximum(void **state)
{
    (void)state;
    void *ctx = talloc_new(NULL);
    struct str s;
    str_init(&s, ctx, 5);
    assert_string_equal(str_get(&s), "");
    assert_true(str_puts(&s, "abc"));
    assert_false(str_puts(&s, "def"));
    assert_true(s.full);
    assert_string_equal(str_get(&s), "abc");
    assert_false(str_putc(&s, 'd'));
    str_truncate(&s, 2);
    assert_true(str_printf(&s, "%d", 345));
    assert_string_equal(str_get(&s), "ab345");
    char *taken = str_take(&s, ctx);
    assert_string_equal(taken, "ab345");
    assert_int_equal(s.len, 0);
    talloc_free(ctx);
}

static void writer_places_commas_and_escapes(void **state)
{
    (void)state;
    void *ctx = talloc_new(NULL);
    struct str s;
    str_init(&s, ctx, 1000);
    struct json_writer w;
    jw_init(&w, &s);
    jw_begin_object(&w);
    jw_member_string(&w, "a", "x\"\\\n\x01é\x7f");
    jw_member_string(&w, "left out", NULL);
    jw_member_int(&w, "b", INT64_MIN);
    jw_key(&w, "c");
    jw_begin_array(&w);
    jw_bool(&w, true);
    jw_null(&w);
    jw_raw(&w, "{\"k\":\n1}", 8);
    jw_begin_object(&w);
    jw_end_object(&w);
    jw_string(&w, "bad\xff");
    jw_end_array(&w);
    jw_end_object(&w);
    assert_string_equal(str_get(&s),
        "{\"a\":\"x\\\"\\\\\\n\\u0001é\\u007f\",\"b\":-9223372036854775808,"
        "\"c\":[true,null,{\"k\": 1},{},\"bad\xef\xbf\xbd\"]}");
    talloc_free(ctx);
}

static void utf8_is_checked_as_rfc_3629_has_it(void **state)
{
    (void)state;
    assert_int_equal(text_utf8_check("aé€😀", 10), 10);
    assert_int_equal(text_utf8_check("a\xc0\x80", 3), 1);        /* overlong */
    assert_int_equal(text_utf8_check("\xed\xa0\x80", 3), 0);     /* surrogate */
    assert_int_equal(text_utf8_check("\xf4\x90\x80\x80", 4), 0); /* beyond U+10FFFF */
    assert_int_equal(text_utf8_check("ab\xe2\x82", 4), 2);       /* cut short */
    assert_int_equal(text_utf8_cut("a€b", 5, 3), 1);
    assert_int_equal(text_utf8_cut("a€b", 5, 4), 4);
    bool plain;
    assert_int_equal(text_step("€b", 4, &plain), 3);
    assert_true(plain);
    assert_int_equal(text_step("\xc2\x9b", 2, &plain), 2); /* a control of C1 */
    assert_false(plain);
    assert_int_equal(text_step("\x9b"
                               "b",
                         2, &plain),
        1); /* no sequence */
    assert_false(plain);
    char *excerpt = text_excerpt(NULL, "a€b", 3);
    assert_string_equal(excerpt, "a…");
    talloc_free(excerpt);
    excerpt = text_excerpt(NULL, "a€b", 5);
    assert_string_equal(excerpt, "a€b");
    talloc_free(excerpt);
}

static void positions_count_characters(void **state)
{
    (void)state;
    int line, column;
    text_line_column("é\nSELECT x", 3, &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 1);
    text_line_column("SELECT x", 8, &line, &column);
    assert_int_equal(line, 1);
    assert_int_equal(column, 8);
}

static const char *nearest(const char *wanted)
{
    static const char *const names[] = {"host", "port", "database", "max_rows", "pool_size"};
    struct text_nearest n = text_nearest_to(wanted);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        text_nearest_offer(&n, names[i]);
    return n.best;
}

static void the_nearest_name_is_near(void **state)
{
    (void)state;
    assert_string_equal(nearest("databse"), "database");
    assert_string_equal(nearest("poolsize"), "pool_size");
    assert_string_equal(nearest("hsot"), "host");
    assert_string_equal(nearest("MAX_ROW"), "max_rows");
    assert_null(nearest("colour"));
}

static void an_error_reads_as_postgresql_writes_it(void **state)
{
    (void)state;
    void *ctx = talloc_new(NULL);
    struct error *e = error_create(ctx, ERROR_STATEMENT, "relation \"%s\" does not exist", "x");
    memcpy(e->sqlstate, "42P01", 6);
    error_hint(e, "did you mean \"%s\"?", "y");
    struct error *copy = error_copy(ctx, e);
    talloc_free(e);
    assert_string_equal(error_text(ctx, copy),
        "relation \"x\" does not exist (SQLSTATE 42P01)\nHINT: did you mean \"y\"?");
    talloc_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(str_refuses_what_passes_its_maximum),
        cmocka_unit_test(writer_places_commas_and_escapes),
        cmocka_unit_test(utf8_is_checked_as_rfc_3629_has_it),
        cmocka_unit_test(positions_count_characters),
        cmocka_unit_test(the_nearest_name_is_near),
        cmocka_unit_test(an_error_reads_as_postgresql_writes_it),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
