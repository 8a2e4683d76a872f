/* Unit tests of tools/uri.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <talloc.h>

#include "tools/uri.h"

static void assert_part(const char *actual, const char *expected)
{
    if (expected)
        assert_string_equal(actual, expected);
    else
        assert_null(actual);
}

static void check(const char *text, struct tools_uri uri)
{
    void *ctx = talloc_new(NULL);
    struct tools_uri parsed;
    assert_string_equal(tools_uri_text(ctx, &uri), text);
    assert_true(tools_uri_parse(ctx, text, &parsed));
    assert_part(parsed.database, uri.database);
    assert_part(parsed.schema, uri.schema);
    assert_part(parsed.table, uri.table);
    talloc_free(ctx);
}

static void test_round_trip(void **state)
{
    (void)state;
    check("postgres://shop", (struct tools_uri){"shop", NULL, NULL});
    check("postgres://shop/public", (struct tools_uri){"shop", "public", NULL});
    check("postgres://shop/public/orders", (struct tools_uri){"shop", "public", "orders"});
    check("postgres://My%20Shop/a%2Fb/%C3%BCber%20%25%3F%23",
        (struct tools_uri){"My Shop", "a/b", "\303\274ber %?#"});
    check("postgres://u%3Ap%40h/%22Q%22/a.b-c_d~e",
        (struct tools_uri){"u:p@h", "\"Q\"", "a.b-c_d~e"});
    check("postgres://d/s/%01%7F%0A", (struct tools_uri){"d", "s", "\001\177\n"});
}

static void test_read_generously(void **state)
{
    (void)state;
    void *ctx = talloc_new(NULL);
    struct tools_uri uri;
    assert_true(tools_uri_parse(ctx, "POSTGRES://shop/my schema/%6frders", &uri));
    assert_string_equal(uri.schema, "my schema");
    assert_string_equal(uri.table, "orders");
    talloc_free(ctx);
}

static void test_none(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "postgres:", "postgres://", "postgresql://shop", "shop",
        "postgres:///public", "postgres://shop/", "postgres://shop//orders",
        "postgres://shop/public/", "postgres://shop/public/orders/", "postgres://a/b/c/d",
        "postgres://shop/%", "postgres://shop/%4", "postgres://shop/%zz", "postgres://shop/a%00",
        "postgres://shop?a=b", "postgres://shop/public#x"};
    void *ctx = talloc_new(NULL);
    struct tools_uri uri;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_false(tools_uri_parse(ctx, texts[i], &uri));
    talloc_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_read_generously),
        cmocka_unit_test(test_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
