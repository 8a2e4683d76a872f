/*
 * Loading the facts: flat scans of pg_catalog in one pipeline, put together here by OID.
 *
 * Each statement stands above the function that takes its rows. Nothing in them asks for a
 * privilege: the role need not be able to read what it has to be kept from. Rows come in the order
 * of their OIDs, so that arrays are sorted as they grow. Works on PostgreSQL 12 to 18.
 */
#include "catalog/facts.h"

#include "catalog/loading.h"

/* Catalogs have had these OIDs since there are catalogs. */
enum {
    PG_TYPE = 1247,
    PG_PROC = 1255,
    PG_CLASS = 1259,
    PG_LANGUAGE = 2612,
    PG_NAMESPACE = 2615,
    PG_EXTENSION = 3079,
    PG_CATALOG = 11,        /* the schema */
    LANGUAGE_INTERNAL = 12, /* and this language */
};

struct name {
    Oid catalog, oid;
    const char *text;
};

struct edge {
    struct catalog_fact_relation *child, *parent;
};

struct loading {
    const void *ctx;
    struct catalog_facts *facts;
    struct catalog_room room;
    void *scratch;
    struct name *names; /* of schemas, languages and extensions */
    size_t name_count;
    struct name *members; /* of extensions, with the names of these */
    size_t member_count;
    struct catalog_fact_column *columns; /* of all relations, one after the other */
    size_t column_count;
    struct edge *edges; /* of inheritance */
    size_t edge_count;
};

/* "23 25", an oidvector. */
static const Oid *keep_oids(struct loading *l, const char *text, size_t *ret_count)
{
    size_t count = *text != '\0';
    for (const char *p = text; *p; p++)
        count += *p == ' ';
    Oid *oids = catalog_room_take(&l->room, count * sizeof *oids, sizeof *oids);
    char *end;
    for (size_t i = 0; i < count; i++, text = end)
        oids[i] = (Oid)strtoul(text, &end, 10);
    *ret_count = count;
    return oids;
}

static void add_oid(const void *ctx, struct catalog_oids *oids, Oid added)
{
    size_t at = oids->count;
    while (at > 0 && oids->items[at - 1] > added)
        at--;
    if (at > 0 && oids->items[at - 1] == added)
        return;
    GROW(ctx, oids->items, oids->count);
    memmove(&oids->items[at + 1], &oids->items[at], (oids->count - at) * sizeof added);
    oids->items[at] = added;
    oids->count++;
}

static void add_oids(const void *ctx, struct catalog_oids *oids, const struct catalog_oids *added)
{
    for (size_t i = 0; i < added->count; i++)
        add_oid(ctx, oids, added->items[i]);
}

/* ---- what the rest refers to ---- */

static const char server_sql[] =
    "SELECT pg_catalog.current_database(), pg_catalog.getdatabaseencoding(),"
    " pg_catalog.current_setting('server_version_num')," CATALOG_PLAIN_PLANS;

static void take_server(struct loading *l, const PGresult *row)
{
    l->facts->database = keep(&l->room, value(row, 0));
    l->facts->encoding = keep(&l->room, value(row, 1));
    l->facts->server_version = (int)strtol(value(row, 2), NULL, 10);
}

static const char path_sql[] = "SELECT pg_catalog.unnest(pg_catalog.current_schemas(true))";

static void take_path(struct loading *l, const PGresult *row)
{
    struct catalog_facts *f = l->facts;
    GROW(f, f->search_path, f->search_path_count);
    f->search_path[f->search_path_count++] = keep(&l->room, value(row, 0));
}

static const char names_sql[] =
    "SELECT tableoid::pg_catalog.oid, oid, nspname FROM pg_catalog.pg_namespace"
    " UNION ALL SELECT tableoid, oid, lanname FROM pg_catalog.pg_language"
    " UNION ALL SELECT tableoid, oid, extname FROM pg_catalog.pg_extension ORDER BY 1, 2";

static void take_name(struct loading *l, const PGresult *row)
{
    GROW(l->scratch, l->names, l->name_count);
    l->names[l->name_count++] =
        (struct name){oid(row, 0), oid(row, 1), keep(&l->room, value(row, 2))};
}

static int compare_names(const void *a, const void *b)
{
    const struct name *left = a, *right = b;
    if (left->catalog != right->catalog)
        return left->catalog < right->catalog ? -1 : 1;
    return (left->oid > right->oid) - (left->oid < right->oid);
}

static const struct name *find_name(const struct name *names, size_t count, Oid catalog, Oid oid)
{
    const struct name key = {.catalog = catalog, .oid = oid};
    return bsearch(&key, names, count, sizeof key, compare_names);
}

/* "" for one that is not there: DROP SCHEMA may miss what is created in it at the same time. */
static const char *name_of(const struct loading *l, Oid catalog, Oid oid)
{
    const struct name *found = find_name(l->names, l->name_count, catalog, oid);
    return found ? found->text : "";
}

static const char members_sql[] =
    "SELECT classid, objid, refobjid FROM pg_catalog.pg_depend WHERE deptype = 'e'"
    " AND refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass ORDER BY 1, 2";

static void take_member(struct loading *l, const PGresult *row)
{
    GROW(l->scratch, l->members, l->member_count);
    l->members[l->member_count++] =
        (struct name){oid(row, 0), oid(row, 1), name_of(l, PG_EXTENSION, oid(row, 2))};
}

static const char *extension_of(const struct loading *l, Oid catalog, Oid oid)
{
    const struct name *found = find_name(l->members, l->member_count, catalog, oid);
    return found ? found->text : NULL;
}

/* ---- types ---- */

static const char types_sql[] =
    "SELECT oid, typname, typnamespace, typtype, typcategory, typelem, typbasetype, typrelid"
    " FROM pg_catalog.pg_type WHERE oid >= 16384 ORDER BY oid";

static void take_type(struct loading *l, const PGresult *row)
{
    struct catalog_facts *f = l->facts;
    GROW(f, f->types, f->type_count);
    f->types[f->type_count++] = (struct catalog_fact_type){
        .oid = oid(row, 0),
        .name = keep(&l->room, value(row, 1)),
        .schema = name_of(l, PG_NAMESPACE, oid(row, 2)),
        .kind = value(row, 3)[0],
        .category = value(row, 4)[0],
        .element = oid(row, 5),
        .base = oid(row, 6),
        .relation = oid(row, 7),
        .extension = extension_of(l, PG_TYPE, oid(row, 0)),
    };
}

static struct catalog_fact_type *find_type(struct loading *l, Oid oid)
{
    return (struct catalog_fact_type *)(uintptr_t)catalog_facts_type(l->facts, oid);
}

/* A multirange has a column of its own in pg_range from PostgreSQL 14 on. */
static const char ranges_sql[] =
    "SELECT rngtypid, rngsubtype FROM pg_catalog.pg_range WHERE rngtypid >= 16384"
    " UNION ALL SELECT (pg_catalog.to_jsonb(r)->>'rngmultitypid')::pg_catalog.oid, r.rngtypid"
    " FROM pg_catalog.pg_range AS r WHERE r.rngtypid >= 16384";

static void take_range(struct loading *l, const PGresult *row)
{
    struct catalog_fact_type *type = find_type(l, oid(row, 0));
    if (type)
        type->base = oid(row, 1);
}

/* What a base type's input, output and modifiers call, and ranges to compare and to tidy up. */
static const char makers_sql[] =
    "SELECT t.oid, pg_catalog.unnest(ARRAY[t.typinput, t.typoutput, t.typreceive, t.typsend,"
    " t.typmodin, t.typmodout])::pg_catalog.oid FROM pg_catalog.pg_type AS t WHERE t.oid >= 16384"
    " AND (t.typinput::pg_catalog.oid >= 16384 OR t.typoutput::pg_catalog.oid >= 16384)"
    " UNION ALL SELECT r.rngtypid, r.rngcanonical FROM pg_catalog.pg_range AS r"
    " WHERE r.rngtypid >= 16384 UNION ALL SELECT r.rngtypid, p.amproc"
    " FROM pg_catalog.pg_range AS r JOIN pg_catalog.pg_opclass AS o ON o.oid = r.rngsubopc"
    " JOIN pg_catalog.pg_amproc AS p ON p.amprocfamily = o.opcfamily AND p.amprocnum = 1"
    " AND p.amproclefttype = o.opcintype AND p.amprocrighttype = o.opcintype"
    " WHERE r.rngtypid >= 16384";

static void take_maker(struct loading *l, const PGresult *row)
{
    struct catalog_fact_type *type = find_type(l, oid(row, 0));
    if (type && oid(row, 1) != 0)
        add_oid(l->facts, &type->functions, oid(row, 1));
}

static const char checks_sql[] = "SELECT contypid, conbin FROM pg_catalog.pg_constraint"
                                 " WHERE contypid <> 0 AND conbin IS NOT NULL AND oid >= 16384";

static struct catalog_uses *read_tree(const void *ctx, const PGresult *row, int field)
{
    struct catalog_uses *uses;
    if (catalog_uses_read(ctx, value(row, field), (size_t)PQgetlength(row, 0, field), &uses))
        return uses;
    uses = talloc_zero(ctx, struct catalog_uses);
    uses->foreign = "a tree that cannot be read";
    return uses;
}

static void add_attribute(struct loading *l, Oid to, Oid attribute)
{
    struct catalog_fact_type *type = attribute >= CATALOG_FIRST_USER_OID ? find_type(l, to) : NULL;
    if (type)
        add_oid(l->facts, &type->attributes, attribute);
}

static void take_check(struct loading *l, const PGresult *row)
{
    struct catalog_fact_type *type = find_type(l, oid(row, 0));
    if (!type)
        return;
    struct catalog_uses *uses = read_tree(l->scratch, row, 1);
    add_oids(l->facts, &type->functions, &uses->functions);
    add_oids(l->facts, &type->operators, &uses->operators);
    for (size_t i = 0; i < uses->types.count; i++)
        add_attribute(l, type->oid, uses->types.items[i]);
    if (uses->foreign)
        add_oid(l->facts, &type->functions, 0); /* which no function has */
    talloc_free(uses);
}

static const char attributes_sql[] =
    "SELECT c.reltype, a.atttypid FROM pg_catalog.pg_class AS c"
    " JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid WHERE c.relkind = 'c'"
    " AND a.attnum > 0 AND NOT a.attisdropped";

static void take_attribute(struct loading *l, const PGresult *row)
{
    add_attribute(l, oid(row, 0), oid(row, 1));
}

/* ---- relations ---- */

static const char relations_sql[] =
    "SELECT oid, relname, relnamespace, relkind, relispartition, reltype, relrowsecurity"
    " FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') ORDER BY oid";

static void take_relation(struct loading *l, const PGresult *row)
{
    struct catalog_facts *f = l->facts;
    GROW(f, f->relations, f->relation_count);
    f->relations[f->relation_count++] = (struct catalog_fact_relation){
        .oid = oid(row, 0),
        .name = keep(&l->room, value(row, 1)),
        .schema = name_of(l, PG_NAMESPACE, oid(row, 2)),
        .kind = value(row, 3)[0],
        .is_partition = is_true(row, 4),
        .row_type = oid(row, 5),
        .has_row_security = is_true(row, 6),
        .is_extension = extension_of(l, PG_CLASS, oid(row, 0)) != NULL,
    };
}

static struct catalog_fact_relation *find_relation(struct loading *l, Oid oid)
{
    return (struct catalog_fact_relation *)(uintptr_t)catalog_facts_relation(l->facts, oid);
}

static const char owners_sql[] =
    "SELECT d.objid, d.refobjid FROM pg_catalog.pg_sequence AS s JOIN pg_catalog.pg_depend AS d"
    " ON d.objid = s.seqrelid AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass"
    " WHERE d.objsubid = 0 AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass"
    " AND d.deptype IN ('a', 'i')";

static void take_owner(struct loading *l, const PGresult *row)
{
    struct catalog_fact_relation *sequence = find_relation(l, oid(row, 0));
    if (sequence)
        sequence->owner_table = oid(row, 1);
}

static const char inherits_sql[] =
    "SELECT inhrelid, inhparent FROM pg_catalog.pg_inherits ORDER BY inhrelid, inhseqno";

static void take_edge(struct loading *l, const PGresult *row)
{
    struct edge edge = {find_relation(l, oid(row, 0)), find_relation(l, oid(row, 1))};
    if (!edge.child || !edge.parent)
        return; /* indexes inherit as well */
    GROW(l->scratch, l->edges, l->edge_count);
    l->edges[l->edge_count++] = edge;
    edge.child->parent_count++;
    edge.parent->child_count++;
}

/* Relations lie in the order of their OIDs. */
static int compare_parents(const void *a, const void *b)
{
    const struct edge *left = a, *right = b;
    if (left->parent != right->parent)
        return left->parent < right->parent ? -1 : 1;
    return (left->child > right->child) - (left->child < right->child);
}

static void link_edges(struct loading *l)
{
    const struct catalog_fact_relation **place =
        talloc_array(l->facts, const struct catalog_fact_relation *, (unsigned)(2 * l->edge_count));
    for (size_t i = 0; i < l->edge_count; i++, place++) {
        struct catalog_fact_relation *child = l->edges[i].child;
        if (!child->parents)
            child->parents = place;
        *place = l->edges[i].parent;
    }
    if (l->edge_count > 0)
        qsort(l->edges, l->edge_count, sizeof *l->edges, compare_parents);
    for (size_t i = 0; i < l->edge_count; i++, place++) {
        struct catalog_fact_relation *parent = l->edges[i].parent;
        if (!parent->children)
            parent->children = place;
        *place = l->edges[i].child;
    }
}

/* An array lets the index give them in their order, which a join does not. */
static const char columns_sql[] =
    "SELECT attrelid, attnum, attname, atttypid FROM pg_catalog.pg_attribute"
    " WHERE attrelid = ANY (ARRAY(SELECT c.oid FROM pg_catalog.pg_class AS c"
    " WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')))"
    " AND attnum > 0 AND NOT attisdropped ORDER BY attrelid, attnum";

static void take_column(struct loading *l, const PGresult *row)
{
    struct catalog_fact_relation *relation = find_relation(l, oid(row, 0));
    if (!relation)
        return;
    GROW(l->facts, l->columns, l->column_count);
    l->columns[l->column_count++] = (struct catalog_fact_column){
        .number = (int)strtol(value(row, 1), NULL, 10),
        .name = keep(&l->room, value(row, 2)),
        .type = oid(row, 3),
    };
    relation->column_count++;
    add_attribute(l, relation->row_type, oid(row, 3));
}

static void link_columns(struct loading *l)
{
    const struct catalog_fact_column *next = l->columns;
    for (size_t i = 0; i < l->facts->relation_count; i++) {
        struct catalog_fact_relation *relation = &l->facts->relations[i];
        relation->columns = next;
        next += relation->column_count;
    }
}

static const char views_sql[] = "SELECT ev_class, ev_action FROM pg_catalog.pg_rewrite"
                                " WHERE rulename = '_RETURN' AND ev_class >= 16384";

static void take_view(struct loading *l, const PGresult *row)
{
    struct catalog_fact_relation *view = find_relation(l, oid(row, 0));
    if (view)
        view->query = read_tree(l->facts, row, 1);
}

/* ---- functions, operators, casts ---- */

/* NULL is what most of them have: it costs the server less to send. */
static const char functions_sql[] =
    "SELECT oid, proname, NULLIF(pronamespace, 11), NULLIF(prolang, 12), provolatile, prokind,"
    " proargtypes, NULLIF(pronargdefaults, 0), NULLIF(provariadic, 0), prorettype,"
    " CASE WHEN prolang = 12 AND oid >= 16384 THEN prosrc END"
    " FROM pg_catalog.pg_proc ORDER BY oid";

static void take_function(struct loading *l, const PGresult *row)
{
    struct catalog_facts *f = l->facts;
    GROW(f, f->functions, f->function_count);
    struct catalog_fact_function *function = &f->functions[f->function_count++];
    Oid schema = oid(row, 2), language = oid(row, 3);
    *function = (struct catalog_fact_function){
        .oid = oid(row, 0),
        .name = keep(&l->room, value(row, 1)),
        .schema = name_of(l, PG_NAMESPACE, schema ? schema : PG_CATALOG),
        .language = name_of(l, PG_LANGUAGE, language ? language : LANGUAGE_INTERNAL),
        .volatility = value(row, 4)[0],
        .kind = value(row, 5)[0],
        .default_count = oid(row, 7),
        .variadic = oid(row, 8) != 0,
        .returns = oid(row, 9),
        .internal = PQgetisnull(row, 0, 10) ? NULL : keep(&l->room, value(row, 10)),
        .extension = extension_of(l, PG_PROC, oid(row, 0)),
    };
    function->arguments = keep_oids(l, value(row, 6), &function->argument_count);
}

static const char operators_sql[] =
    "SELECT oid, oprname, oprnamespace, oprleft, oprright, oprcode::pg_catalog.oid"
    " FROM pg_catalog.pg_operator WHERE oid >= 16384 ORDER BY oid";

static void take_operator(struct loading *l, const PGresult *row)
{
    struct catalog_facts *f = l->facts;
    GROW(f, f->operators, f->operator_count);
    f->operators[f->operator_count++] = (struct catalog_fact_operator){
        .oid = oid(row, 0),
        .name = keep(&l->room, value(row, 1)),
        .schema = name_of(l, PG_NAMESPACE, oid(row, 2)),
        .left = oid(row, 3),
        .right = oid(row, 4),
        .function = oid(row, 5),
    };
}

static const char casts_sql[] =
    "SELECT castsource, casttarget, castfunc, castcontext FROM pg_catalog.pg_cast"
    " WHERE oid >= 16384 ORDER BY castsource, casttarget";

static void take_cast(struct loading *l, const PGresult *row)
{
    struct catalog_facts *f = l->facts;
    GROW(f, f->casts, f->cast_count);
    f->casts[f->cast_count++] = (struct catalog_fact_cast){
        .source = oid(row, 0),
        .target = oid(row, 1),
        .function = oid(row, 2),
        .context = value(row, 3)[0],
    };
}

static const char comparisons_sql[] =
    "SELECT DISTINCT c.opcintype, p.amproc::pg_catalog.oid FROM pg_catalog.pg_opclass AS c"
    " JOIN pg_catalog.pg_am AS a ON a.oid = c.opcmethod"
    " JOIN pg_catalog.pg_amproc AS p ON p.amprocfamily = c.opcfamily"
    " WHERE c.oid >= 16384 AND c.opcdefault AND a.amname IN ('btree', 'hash')";

static void take_comparison(struct loading *l, const PGresult *row)
{
    struct catalog_facts *f = l->facts;
    GROW(f, f->comparisons, f->comparison_count);
    f->comparisons[f->comparison_count++] =
        (struct catalog_fact_comparison){.type = oid(row, 0), .function = oid(row, 1)};
}

static void take_fingerprint(struct loading *l, const PGresult *row)
{
    l->facts->fingerprint.snapshot = keep(&l->room, value(row, 0));
    l->facts->fingerprint.text = keep(&l->room, value(row, 1));
}

/* ---- all together ---- */

static const struct part {
    const char *sql; /* NULL: catalog_fingerprint_sql() */
    void (*row)(struct loading *l, const PGresult *row);
} parts[] = {
    {server_sql, take_server},
    {path_sql, take_path},
    {names_sql, take_name},
    {members_sql, take_member},
    {types_sql, take_type},
    {ranges_sql, take_range},
    {makers_sql, take_maker},
    {checks_sql, take_check},
    {attributes_sql, take_attribute},
    {relations_sql, take_relation},
    {owners_sql, take_owner},
    {inherits_sql, take_edge},
    {columns_sql, take_column},
    {views_sql, take_view},
    {functions_sql, take_function},
    {operators_sql, take_operator},
    {casts_sql, take_cast},
    {comparisons_sql, take_comparison},
    {NULL, take_fingerprint},
};
enum { PART_COUNT = sizeof parts / sizeof parts[0] };

static bool on_row(void *arg, size_t statement, const PGresult *row)
{
    parts[statement].row(arg, row);
    return true;
}

static void start(struct loading *l, const void *ctx)
{
    struct catalog_facts *facts = talloc_zero(ctx, struct catalog_facts);
    *l = (struct loading){.ctx = ctx,
        .facts = facts,
        .room = {.ctx = facts},
        .scratch = talloc_new(facts)};
}

static void on_reset(void *arg)
{
    struct loading *l = arg;
    talloc_free(l->facts);
    start(l, l->ctx);
}

bool catalog_facts_load(const void *ctx, struct pg_pool *pool, int64_t deadline,
    struct catalog_facts **ret, struct error **ret_err)
{
    static const char *const no_snapshot[] = {""};
    void *scratch = talloc_new(ctx);
    struct pg_statement statements[PART_COUNT];
    for (size_t i = 0; i < PART_COUNT; i++)
        statements[i] = parts[i].sql
                            ? (struct pg_statement){.sql = parts[i].sql}
                            : (struct pg_statement){.sql = catalog_fingerprint_sql(scratch),
                                  .param_count = 1,
                                  .params = no_snapshot};
    struct loading l;
    start(&l, ctx);
    const struct pg_rows rows = {.row = on_row, .reset = on_reset, .arg = &l};
    bool ok = pg_read(ctx, pool, statements, PART_COUNT, &rows, deadline, ret_err);
    talloc_free(scratch);
    if (!ok) {
        talloc_free(l.facts);
        return false;
    }
    link_edges(&l);
    link_columns(&l);
    talloc_free(l.scratch);
    catalog_facts_make_index(l.facts);
    *ret = l.facts;
    return true;
}
