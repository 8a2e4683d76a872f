/* Unit tests of catalog/uses.c: trees that PostgreSQL printed, and broken ones made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/str.h"
#include "catalog/uses.h"

extern const char test_uses_trees[]; /* test_uses.trees */

static void put_oids(struct str *s, const char *name, const struct catalog_oids *oids)
{
    if (oids->count == 0)
        return;
    str_printf(s, "%s%s", s->len ? "; " : "", name);
    for (size_t i = 0; i < oids->count; i++)
        str_printf(s, " %u", oids->items[i]);
}

static void put_relations(struct str *s, const struct catalog_uses *uses)
{
    if (uses->relation_count == 0)
        return;
    str_puts(s, "relations");
    for (size_t i = 0; i < uses->relation_count; i++) {
        const struct catalog_used_relation *relation = &uses->relations[i];
        str_printf(s, " %s%u(%s", relation->alone ? "only " : "", relation->oid,
            relation->whole ? "*" : "");
        for (size_t j = 0; j < relation->column_count; j++)
            str_printf(s, "%s%d", j || relation->whole ? "," : "", relation->columns[j]);
        str_putc(s, ')');
    }
}

/* "relations 16384(1,2) only 16389(*); functions 65; foreign UPDATE" */
static const char *describe(const void *ctx, const char *tree, size_t len)
{
    struct catalog_uses *uses;
    /* A copy of that length, so that reading behind it is found. */
    char *copy = talloc_memdup(ctx, tree, len);
    bool ok = catalog_uses_read(ctx, copy, len, &uses);
    talloc_free(copy);
    if (!ok)
        return "no tree";
    struct str s;
    str_init(&s, ctx, 1 << 16);
    put_relations(&s, uses);
    put_oids(&s, "functions", &uses->functions);
    put_oids(&s, "operators", &uses->operators);
    put_oids(&s, "types", &uses->types);
    put_oids(&s, "regclasses", &uses->regclasses);
    if (uses->names_objects)
        str_puts(&s, "; names");
    if (uses->foreign)
        str_printf(&s, "%sforeign %s", s.len ? "; " : "", uses->foreign);
    return str_get(&s);
}

static void assert_uses(const char *tree, const char *expected)
{
    void *ctx = talloc_new(NULL);
    assert_string_equal(describe(ctx, tree, strlen(tree)), expected);
    talloc_free(ctx);
}

/* ---- printed by PostgreSQL ---- */

struct sample {
    const char *title, *tree, *expected;
    size_t tree_len;
};

static bool next_sample(const void *ctx, const char **at, struct sample *ret)
{
    const char *title = strstr(*at, "\n-- ");
    if (!title)
        return false;
    const char *tree = strchr(title + 1, '\n') + 1;
    const char *end = strstr(tree, "\n=> ");
    const char *expected = end + strlen("\n=> ");
    *at = strchr(expected, '\n');
    *ret = (struct sample){.title = talloc_strndup(ctx, title + 1, (size_t)(tree - title - 2)),
        .tree = tree,
        .tree_len = (size_t)(end - tree),
        .expected = talloc_strndup(ctx, expected, (size_t)(*at - expected))};
    return true;
}

static void test_printed(void **state)
{
    (void)state;
    void *ctx = talloc_new(NULL);
    struct sample sample;
    int count = 0;
    for (const char *at = test_uses_trees; next_sample(ctx, &at, &sample); count++) {
        const char *uses = describe(ctx, sample.tree, sample.tree_len);
        if (strcmp(uses, sample.expected) != 0)
            print_error("%s\n", sample.title);
        assert_string_equal(uses, sample.expected);
    }
    assert_true(count > 30);
    talloc_free(ctx);
}

/* A tree that ends early is none, and one with a byte too many neither. */
static void test_cut(void **state)
{
    (void)state;
    void *ctx = talloc_new(NULL);
    struct sample sample;
    for (const char *at = test_uses_trees; next_sample(ctx, &at, &sample);) {
        void *part = talloc_new(ctx);
        for (size_t len = 0; len < sample.tree_len; len++)
            assert_string_equal(describe(part, sample.tree, len), "no tree");
        char *more = talloc_asprintf(part, "%.*s}", (int)sample.tree_len, sample.tree);
        assert_string_equal(describe(part, more, sample.tree_len + 1), "no tree");
        talloc_free(part);
    }
    talloc_free(ctx);
}

/* ---- made by hand ---- */

#define OLD "{RTE :eref {ALIAS :aliasname old :colnames <>} :rtekind 0 :relid 5 :inh false "

/* Only what nothing can read is left out, whatever its name. */
static void test_pseudo_relations(void **state)
{
    (void)state;
    assert_uses(OLD ":inFromCl false :requiredPerms 0 :selectedCols (b)}", "");
    assert_uses(OLD ":inFromCl true :requiredPerms 0 :selectedCols (b)}", "relations only 5()");
    assert_uses(OLD ":inFromCl false :requiredPerms 2 :selectedCols (b)}", "relations only 5()");
    assert_uses(OLD ":inFromCl false :requiredPerms 0 :selectedCols (b 8)}", "relations only 5(1)");
    assert_uses(OLD ":inFromCl false :selectedCols (b)}", "relations only 5()");
    assert_uses("{RTE :relid 5 :inh true :inFromCl false :requiredPerms 0}", "relations 5()");
}

static void test_relations(void **state)
{
    (void)state;
    assert_uses("({RTE :relid 7 :inh true :selectedCols (b 9 11)} {RTE :relid 7 :inh false "
                ":selectedCols (b 9 7)} {RTE :relid 4 :selectedCols (b 1 6)} {RTE :relid 0})",
        "relations 4() 7(*,2,4)");
    assert_uses("({RTE :relid 7 :inh false} {RTE :relid 7 :inh false})", "relations only 7()");
    assert_uses("{RTE :relid 1 :selectedCols (b 1607)}", "relations 1(1600)");
    assert_uses("{RTE :relid 1 :selectedCols (b 1608)}", "no tree");
    assert_uses("{RTE :selectedCols (b 8) :relid 1}", "no tree");
    assert_uses("{RTE :relid 1 :selectedCols (b 8) :relid 2}", "no tree");
}

static void test_security_quals(void **state)
{
    (void)state;
    assert_uses("{RTE :relid 1 :securityQuals ({OPEXPR :opno 2 :args ({X} {RTE :relid 3 "
                ":selectedCols (b 8) :securityQuals ({FUNCEXPR :funcid 4})} {CONST :consttype "
                "2205 :constvalue 4 [ 1 0 0 0 ]})} {FUNCEXPR :funcid 5}) :selectedCols (b 9)}",
        "relations 1(2)");
    assert_uses("({RTE :relid 1 :securityQuals <>} {FUNCEXPR :funcid 4})",
        "relations 1(); functions 4");
    assert_uses("{FUNCEXPR :securityQuals ({OPEXPR :opno 2})}", "operators 2");
}

static void test_regclass(void **state)
{
    (void)state;
#define REGCLASS(value) "{CONST :consttype 2205 :constvalue " value "}"
    assert_uses(REGCLASS("4 [ 4 1 0 0 0 0 0 0 ]"), "types 2205; regclasses 260");
    assert_uses(REGCLASS("4 [ 0 0 0 0 0 0 1 4 ]"), "types 2205; regclasses 260");
    assert_uses(REGCLASS("4 [ -1 -128 0 0 ]"), "types 2205; regclasses 33023");
    assert_uses(REGCLASS("4 [ 0 0 0 0 0 0 0 0 ]"), "types 2205");
    assert_uses(REGCLASS("<>"), "types 2205");
    assert_uses(REGCLASS("4 [ x ]"), "no tree");
    assert_uses(REGCLASS("4 [ 256 ]"), "no tree");
    assert_uses(REGCLASS("4 [ 1 2"), "no tree");
    assert_uses(REGCLASS("4"), "no tree");
    assert_uses("{CONST :consttype 2206 :constvalue <>}", "types 2206; names");
    assert_uses("{RELABELTYPE :resulttype 2205}", "types 2205; names");
    assert_uses("{FUNCEXPR :funcid 1287 :funcresulttype 2205}",
        "functions 1287; types 2205; names");
    assert_uses("{FUNCEXPR :funcid 1619 :funcresulttype 2206}", "functions 1619; types 2206");
    assert_uses("{FUNCEXPR :funcid 1619 :funcresulttype 2205}",
        "functions 1619; types 2205; names");
    assert_uses("{RANGETBLFUNCTION :funccoltypes (o 23 2210)}", "types 23 2210; names");
    assert_uses("({VAR :vartype 2205} {RELABELTYPE :resulttype 3734})", "types 3734");
}

static void test_fields(void **state)
{
    (void)state;
    assert_uses("{OPEXPR :opno 4 :opfuncid 3 :somefunc 2 :somefnoid 1 :opnos (o 6 0 5) :op 9}",
        "functions 1 2 3; operators 4 5 6");
    assert_uses("({VAR :vartype 9} {CASEEXPR :casetype 9} {RELABELTYPE :resulttype 8})", "types 8");
    assert_uses("{OPEXPR :opno 4294967295}", "operators 4294967295");
    assert_uses("{OPEXPR :opno 4294967296}", "no tree");
    assert_uses("{OPEXPR :opno 0 :opfuncid <> :args <>}", "");
    assert_uses("({OPEXPR :opno 4} {FUTURE :opno 5 NULL :x ANY} {LATER})",
        "operators 4 5; foreign FUTURE");
    assert_uses("{QUERY :commandType 4 :utilityStmt <>}", "foreign DELETE");
    assert_uses("{QUERY :commandType 6 :utilityStmt ?}", "foreign MERGE or a utility command");
    assert_uses("{QUERY :commandType 1 :rowMarks ({ROWMARKCLAUSE :rti 1})}",
        "foreign FOR UPDATE or FOR SHARE");
}

static void test_no_tree(void **state)
{
    (void)state;
    static const char *const broken[] = {"", " ", "<>", "x", "{", "}", "(", ")", "{}", "({)}",
        "{VAR", "{VAR )", "{VAR} x", "{VAR}}", "(i 1 2", "(o {VAR})", "{VAR :a}", "{VAR :a 1 2}",
        "{VAR : 1}", "{VAR a}", "{VAR {VAR}}", "{VAR ()}", "{VAR :a )}", "{VAR :a \\}",
        "{OPEXPR :opno 1x}", "{OPEXPR :opnos (o x)}", "{RTE :relid x}", "{RTE :relid -1}"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        assert_uses(broken[i], "no tree");
    assert_uses("{VAR :a \\{\\ :b :c :d}", "");
    assert_uses(" ( {VAR\t:a\n:opno :funcid 1} ) ", "functions 1");
}

/* What the server may have broken in two. */
static void test_long_pieces(void **state)
{
    (void)state;
    char piece[80], tree[200];
    for (size_t len = 71; len <= 74; len++) {
        memset(piece, 'x', len);
        piece[len] = '\0';
        snprintf(tree, sizeof tree, "{VAR :a %s}", piece);
        assert_uses(tree, len <= 72 ? "" : "no tree");
        snprintf(tree, sizeof tree, "{VAR :a %.60s\\ %s\\\n}", piece, piece + 4);
        assert_uses(tree, "");
        snprintf(tree, sizeof tree, "{VAR :a %s\\\n{}", piece);
        assert_uses(tree, "no tree");
    }
}

static const char *nested(const void *ctx, size_t depth)
{
    char *tree = talloc_array(ctx, char, (unsigned)(2 * depth));
    memset(tree, '(', depth);
    memset(tree + depth, ')', depth);
    return describe(ctx, tree, 2 * depth);
}

static void test_depth(void **state)
{
    (void)state;
    void *ctx = talloc_new(NULL);
    assert_string_equal(nested(ctx, 90000), "");
    assert_string_equal(nested(ctx, 110000), "no tree");
    talloc_free(ctx);
}

static void test_has(void **state)
{
    (void)state;
    Oid items[] = {3, 5, 9};
    const struct catalog_oids oids = {.items = items, .count = 3};
    assert_true(catalog_oids_has(&oids, 3) && catalog_oids_has(&oids, 9));
    assert_false(catalog_oids_has(&oids, 4) || catalog_oids_has(&oids, 0));
    assert_false(catalog_oids_has(&(struct catalog_oids){0}, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_printed),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_pseudo_relations),
        cmocka_unit_test(test_relations),
        cmocka_unit_test(test_security_quals),
        cmocka_unit_test(test_regclass),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_no_tree),
        cmocka_unit_test(test_long_pieces),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
