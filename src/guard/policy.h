/*
 * The operator's policy: what a query may use, judged on the facts of the database.
 *
 * Nothing here yields or talks to PostgreSQL.
 */
#ifndef PGPARLEY_GUARD_POLICY_H
#define PGPARLEY_GUARD_POLICY_H

#include "catalog/facts.h"

#include <stddef.h>

/* Names as SQL reads them, with * for any text: `audit_*`, `public.users`, `"Users"`, `hr.*`. Each
 * part is an fnmatch() pattern in which everything special but * is escaped. */
struct guard_pattern {
    const char *schema; /* NULL = in every schema but pg_catalog and information_schema */
    const char *name;
    const char *column; /* in blocked_columns only: [schema.]table.column */
};

struct guard_patterns {
    const struct guard_pattern *items;
    size_t count;
    bool given; /* an empty list that was written differs from none */
};

enum guard_catalog_access { GUARD_CATALOG_SAFE, GUARD_CATALOG_NONE, GUARD_CATALOG_ALL };
enum guard_analysis { GUARD_ANALYSIS_AUTO, GUARD_ANALYSIS_SERVER, GUARD_ANALYSIS_LOCAL };

struct guard_policy {
    size_t max_query_bytes;
    enum guard_analysis analysis;
    enum guard_catalog_access catalog_access;
    struct guard_patterns allowed_schemas;   /* `name` is the schema; not given = every schema */
    struct guard_patterns allowed_tables;    /* not given = every one in them; given: nothing else,
                                                but what allowed_views names. Foreign tables and
                                                those of extensions only by a name without * */
    struct guard_patterns allowed_views;     /* trusted: what they read is not followed; with its
                                                schema written out a view of any schema */
    struct guard_patterns blocked_tables;    /* stronger than every allowed_… */
    struct guard_patterns blocked_columns;   /* of tables and views that are no system catalogs */
    bool explains;                           /* the query is only planned, and its plan is shown:
                                                not a setting */
    struct guard_patterns allowed_functions; /* besides those that are known to be harmless; an
                                                extension's only by a name without *, a built-in
                                                one only with its schema pg_catalog as well */
};

/* SCHEMA is one part, OBJECT one or two, COLUMN two or three; false when `text` is no such name.
 * What `*ret` points to belongs to `ctx`. */
enum guard_pattern_form { GUARD_PATTERN_SCHEMA, GUARD_PATTERN_OBJECT, GUARD_PATTERN_COLUMN };
must_use bool guard_pattern_parse(const void *ctx, const char *text, enum guard_pattern_form form,
    struct guard_pattern *ret);
/* True when one of them fits; a pattern without a schema fits every one, and `schema` NULL fits
 * every pattern. */
bool guard_patterns_match(const struct guard_patterns *patterns, const char *schema,
    const char *name);

enum guard_rule {
    GUARD_RULE_NONE,      /* nothing speaks against it */
    GUARD_RULE_SCHEMA,    /* not in allowed_schemas, or nobody's: pg_toast, pg_temp */
    GUARD_RULE_BLOCKED,   /* in blocked_tables */
    GUARD_RULE_UNLISTED,  /* allowed_tables is given, and it is not in it */
    GUARD_RULE_COLUMN,    /* in blocked_columns */
    GUARD_RULE_CATALOG,   /* a system catalog that catalog_access keeps closed; without a
                             relation: names of objects, which are in them */
    GUARD_RULE_FOREIGN,   /* a foreign table */
    GUARD_RULE_EXTENSION, /* a table or view that belongs to an extension */
    GUARD_RULE_FUNCTION,  /* a built-in or extension's function that is not harmless */
    GUARD_RULE_UNTRUSTED, /* somebody's function, not in allowed_functions */
    GUARD_RULE_IMPURE,    /* the tree has what a pure query has not */
    GUARD_RULE_UNKNOWN,   /* an OID that is not in the facts: they may be old */
};

/* Why something is refused. What it borrows belongs to facts, policy or uses. */
struct guard_finding {
    enum guard_rule rule;
    const struct catalog_fact_relation *relation; /* of the query; NULL when it is about none, or
                                                     `name` does not resolve */
    const struct catalog_fact_relation *behind;   /* what the rule holds against, when that is read
                                                     through `relation`: view, child, parent,
                                                     sequence's table */
    const struct catalog_fact_function *function;
    const struct catalog_fact_operator *op; /* that calls `function`, or NULL */
    const struct catalog_fact_type *type;   /* whose making calls `function`, or NULL */
    const struct catalog_fact_column *column;
    const char *name; /* of a relation or column, as the query has it; or NULL */
    const char *text; /* IMPURE: what; FUNCTION, UNTRUSTED: why it is not harmless */
    Oid oid;          /* UNKNOWN */
};

/* By name alone, for names that do not resolve: only BLOCKED, SCHEMA and UNLISTED can come of it.
 * `schema` NULL: it could be in any schema of the search path. */
enum guard_rule guard_policy_name(const struct guard_policy *policy, const char *schema,
    const char *name);

/*
 * The questions below: true when nothing speaks against it, else `*ret` says what. They recurse
 * nowhere, and take less than a microsecond for a table without relatives.
 */

/* The relation with everything that is read with it: children, parents, what views read. Columns
 * are not looked at. */
bool guard_policy_relation(const struct guard_policy *policy, const struct catalog_facts *facts,
    const struct catalog_fact_relation *relation, struct guard_finding *ret);
/* The function by itself. What else it can reach (a range's canonical function, casts to json)
 * is looked at by guard_policy_uses(). */
bool guard_policy_function(const struct guard_policy *policy,
    const struct catalog_fact_function *function, struct guard_finding *ret);
/* The column, also as the one that a child or parent has under its name. */
bool guard_policy_column(const struct guard_policy *policy, const struct catalog_facts *facts,
    const struct catalog_fact_relation *relation, const char *column);
/* A type as such: what making a value of it calls, and whose row type it is. */
bool guard_policy_type(const struct guard_policy *policy, const struct catalog_facts *facts,
    const struct catalog_fact_type *type, struct guard_finding *ret);
/* What a plan of the relation would tell of what is not shown, as what to do instead; or NULL. */
struct guard_plan {
    bool verbose;      /* it lists columns that the query does not name */
    bool row_security; /* it shows the conditions of row security policies */
};
const char *guard_policy_plan(const struct guard_policy *policy, const struct catalog_facts *facts,
    const struct catalog_fact_relation *relation, const struct guard_plan *plan);
/* A column of a result, by where PostgreSQL says that it comes from (attribute number). */
bool guard_policy_result(const struct guard_policy *policy, const struct catalog_facts *facts,
    const struct catalog_fact_relation *relation, int column, struct guard_finding *ret);
/* hidden_calls.c: false when the types that it may have values of would call, without a trace in
 * the tree, what may not be called. */
bool guard_hidden_calls_check(const struct guard_policy *policy, const struct catalog_facts *facts,
    const struct catalog_uses *uses, struct guard_finding *ret);
/* Whether they would call only what PostgreSQL itself brings. */
bool guard_hidden_calls_are_built_in(const struct catalog_facts *facts,
    const struct catalog_uses *uses);
/* All that an analysed query uses. */
bool guard_policy_uses(const struct guard_policy *policy, const struct catalog_facts *facts,
    const struct catalog_uses *uses, struct guard_finding *ret);

/* For the client: names only what the query itself names, and says what to do instead. */
struct error *guard_finding_error(const void *ctx, const struct guard_policy *policy,
    const struct catalog_facts *facts, const struct guard_finding *finding);
/* For a relation by its name: the same words whether it is hidden or not there. */
struct error *guard_unseen(const void *ctx, const char *name);
/* For the operator: rule, objects, and the configuration key that would allow it. */
char *guard_finding_text(const void *ctx, const struct guard_finding *finding);

#endif
