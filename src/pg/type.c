/* Names of types: the common ones by heart, the others asked for once. */
#include "pg/internal.h"

#include "pg/value.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { REMEMBERED_MAX = 10000 };

/* pg_type.dat, OIDs that never change; format_type() spells them so. */
static const struct {
    Oid oid;
    const char *name;
} builtin[] = {
    {16, "boolean"},
    {17, "bytea"},
    {18, "\"char\""},
    {19, "name"},
    {20, "bigint"},
    {21, "smallint"},
    {23, "integer"},
    {25, "text"},
    {26, "oid"},
    {114, "json"},
    {142, "xml"},
    {199, "json[]"},
    {600, "point"},
    {650, "cidr"},
    {700, "real"},
    {701, "double precision"},
    {790, "money"},
    {829, "macaddr"},
    {869, "inet"},
    {1000, "boolean[]"},
    {1003, "name[]"},
    {1005, "smallint[]"},
    {1007, "integer[]"},
    {1009, "text[]"},
    {1015, "character varying[]"},
    {1016, "bigint[]"},
    {1022, "double precision[]"},
    {1042, "character"},
    {1043, "character varying"},
    {1082, "date"},
    {1083, "time without time zone"},
    {1114, "timestamp without time zone"},
    {1184, "timestamp with time zone"},
    {1186, "interval"},
    {1231, "numeric[]"},
    {1266, "time with time zone"},
    {1560, "bit"},
    {1562, "bit varying"},
    {1700, "numeric"},
    {2205, "regclass"},
    {2249, "record"},
    {2278, "void"},
    {2950, "uuid"},
    {3614, "tsvector"},
    {3802, "jsonb"},
    {3904, "int4range"},
};

static const char *builtin_name(Oid oid)
{
    size_t low = 0, high = sizeof builtin / sizeof builtin[0];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (builtin[middle].oid == oid)
            return builtin[middle].name;
        if (builtin[middle].oid < oid)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static const char *known_name(const struct pg_pool *pool, struct pg_type type)
{
    const char *name = type.typmod == -1 ? builtin_name(type.oid) : NULL;
    if (name)
        return name;
    struct pg_type_name *found;
    HASH_FIND(hh, pool->types, &type, sizeof type, found);
    return found ? found->name : NULL;
}

static bool remember(void *arg, size_t statement, const PGresult *result)
{
    (void)statement;
    struct pg_pool *pool = arg;
    struct pg_type type = {(Oid)strtoul(pg_value_text(result, 0), NULL, 10),
        (int)strtol(pg_value_text(result, 1), NULL, 10)};
    if (!known_name(pool, type) && HASH_COUNT(pool->types) < REMEMBERED_MAX) {
        struct pg_type_name *entry = talloc_zero(pool, struct pg_type_name);
        entry->type = type;
        entry->name = talloc_strdup(entry, pg_value_text(result, 2));
        HASH_ADD(hh, pool->types, type, sizeof entry->type, entry);
    }
    return true;
}

bool pg_type_names(const void *ctx, struct pg_pool *pool, const struct pg_type *types, size_t count,
    const char **ret_names, int64_t deadline, struct error **ret_err)
{
    char *oids = talloc_strdup(ctx, "{"), *typmods = talloc_strdup(ctx, "{");
    for (size_t i = 0; i < count; i++) {
        if (known_name(pool, types[i]))
            continue;
        const char *comma = oids[1] ? "," : "";
        oids = talloc_asprintf_append(oids, "%s%u", comma, types[i].oid);
        typmods = talloc_asprintf_append(typmods, "%s%d", comma, types[i].typmod);
    }
    if (oids[1]) {
        const char *params[] = {talloc_strdup_append(oids, "}"),
            talloc_strdup_append(typmods, "}")};
        const struct pg_statement ask = {
            .sql = "SELECT u.oid, u.typmod, pg_catalog.format_type(u.oid, u.typmod) "
                   "FROM unnest($1::oid[], $2::int4[]) AS u(oid, typmod)",
            .param_count = 2,
            .params = params};
        const struct pg_rows rows = {.row = remember, .arg = pool};
        if (!pg_read(ctx, pool, &ask, 1, &rows, deadline, ret_err))
            return false;
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = known_name(pool, types[i]);
        ret_names[i] = name ? name : "unknown";
    }
    return true;
}
