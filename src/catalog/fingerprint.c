/*
 * Whether the system catalogs changed, found out without reading them.
 *
 * For each catalog that the facts or the shown catalog come from: how many rows it has, and sums
 * of their OIDs and transaction ids; a new version of a row always has another xmin. ANALYZE,
 * VACUUM and data leave all of them alone, and temporary tables, which come and go, are left out.
 * Cheaper yet: while the transaction snapshot is the same as the last time, nothing at all was
 * committed.
 */
#include "catalog/fingerprint.h"

#include "base/str.h"
#include "catalog/loading.h"

#define NOT_TEMPORARY " NOT IN (SELECT t.oid FROM temporary AS t)"

/* Row types and array types go with their relations and types. */
static const struct watched {
    const char *catalog, *id, *where;
} watched[] = {
    {"pg_namespace", "oid", "nspname !~ '^pg_(toast_)?temp_'"},
    {"pg_class", "oid",
        "oid >= 16384 AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c') AND relpersistence <> 't'"},
    {"pg_attribute", "attrelid", "attrelid >= 16384 AND attnum > 0 AND attrelid" NOT_TEMPORARY},
    {"pg_sequence", "seqrelid", "seqrelid" NOT_TEMPORARY},
    {"pg_inherits", "inhrelid", "true"},
    {"pg_rewrite", "oid", "oid >= 16384"},
    {"pg_index", "indexrelid", "indexrelid >= 16384 AND indrelid" NOT_TEMPORARY},
    {"pg_constraint", "oid", "oid >= 16384 AND conrelid" NOT_TEMPORARY},
    {"pg_type", "oid", "oid >= 16384 AND typtype <> 'c' AND typcategory <> 'A'"},
    {"pg_enum", "oid", "oid >= 16384"},
    {"pg_proc", "oid", "true"},
    {"pg_operator", "oid", "oid >= 16384"},
    {"pg_cast", "oid", "oid >= 16384"},
    {"pg_opclass", "oid", "oid >= 16384"},
    {"pg_amproc", "oid", "oid >= 16384"},
    {"pg_extension", "oid", "true"},
    {"pg_depend", "objid", "refclassid = 3079 AND deptype = 'e'"}, /* members of extensions */
    {"pg_description", "objoid", "classoid IN (1259, 2615)"},      /* of relations and schemas */
    {"pg_auth_members", "member", "true"},
};

/*
 * age() makes a number of a transaction id without printing it, but counts from the present one:
 * hence the difference to the age of a fixed one. What initdb wrote has no age, but 2147483647.
 */
static void append_watched(struct str *sql, const struct watched *w)
{
    str_printf(sql,
        ", (SELECT ROW(pg_catalog.count(*), pg_catalog.sum(%s::pg_catalog.int4),"
        " pg_catalog.count(*) * pg_catalog.age('3'::pg_catalog.xid)"
        " - pg_catalog.sum(pg_catalog.age(xmin))) FROM pg_catalog.%s"
        " WHERE %s AND pg_catalog.age(xmin) <> 2147483647)",
        w->id, w->catalog, w->where);
}

/* A standby does not list the transactions that run on its primary: its snapshot may stay the same
 * when one of them ends. */
char *catalog_fingerprint_sql(const void *ctx)
{
    struct str sql;
    str_init(&sql, ctx, 16384);
    str_puts(&sql, "WITH temporary AS MATERIALIZED"
                   " (SELECT c.oid FROM pg_catalog.pg_class AS c WHERE c.relpersistence = 't')"
                   " SELECT s.present, CASE WHEN s.present <> $1::pg_catalog.text"
                   " OR pg_catalog.pg_is_in_recovery() THEN pg_catalog.concat_ws(' ',"
                   " pg_catalog.current_schemas(true), (SELECT ROW(r.oid, r.rolsuper, r.rolinherit)"
                   " FROM pg_catalog.pg_roles AS r WHERE r.rolname = CURRENT_USER)");
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++)
        append_watched(&sql, &watched[i]);
    str_puts(&sql,
        ") END FROM (SELECT pg_catalog.txid_current_snapshot()::pg_catalog.text AS present) AS s");
    return str_take(&sql, ctx);
}

/* ---- taking it ---- */

struct catalog_fingerprint *catalog_fingerprint_copy(const void *ctx,
    const struct catalog_fingerprint *from)
{
    struct catalog_fingerprint *copy = talloc(ctx, struct catalog_fingerprint);
    copy->snapshot = talloc_strdup(copy, from->snapshot);
    copy->text = talloc_strdup(copy, from->text);
    return copy;
}

struct taking {
    const void *ctx;
    const struct catalog_fingerprint *last;
    struct catalog_fingerprint *now;
};

static bool on_row(void *arg, size_t statement, const PGresult *row)
{
    struct taking *t = arg;
    if (statement == 0)
        return true;
    const struct catalog_fingerprint now = {
        .snapshot = value(row, 0),
        .text = PQgetisnull(row, 0, 1) ? t->last->text : value(row, 1),
    };
    t->now = catalog_fingerprint_copy(t->ctx, &now);
    return true;
}

bool catalog_fingerprint_take(const void *ctx, struct pg_pool *pool,
    const struct catalog_fingerprint *last, int64_t deadline, struct catalog_fingerprint **ret,
    struct error **ret_err)
{
    struct taking t = {.ctx = ctx, .last = last};
    char *sql = catalog_fingerprint_sql(ctx);
    const struct pg_statement statements[] = {
        {.sql = "SELECT" CATALOG_PLAIN_PLANS},
        {.sql = sql, .param_count = 1, .params = &last->snapshot},
    };
    const struct pg_rows rows = {.row = on_row, .arg = &t};
    bool ok = pg_read(ctx, pool, statements, 2, &rows, deadline, ret_err);
    talloc_free(sql);
    if (ok)
        *ret = t.now;
    return ok;
}
