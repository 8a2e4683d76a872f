/* What the files of the local resolver share; its rules are at the top of local.c. */
#ifndef PGPARLEY_GUARD_LOCAL_H
#define PGPARLEY_GUARD_LOCAL_H

#include "guard/internal.h"

/* A table or view of the query. */
struct local_table {
    const struct catalog_fact_relation *relation;
    const struct catalog_fact_column *blocked; /* the first of blocked_columns, or NULL */
    bool row;                                  /* as a value */
};

/* What a column can be qualified with. */
struct local_range {
    const char *name;
    enum { LOCAL_TABLE, LOCAL_JOIN, LOCAL_OTHER } kind;
    const char *schema, *relname;    /* of a LOCAL_TABLE, as the query has them */
    const json_t *columns;           /* new names for its columns, or NULL */
    const struct local_table *table; /* that it is unless a CTE has the name, or NULL */
};

struct local_names {
    const char **items;
    size_t count;
};

struct local {
    const void *ctx; /* for the error */
    const struct guard_policy *policy;
    const struct catalog_facts *facts;
    const char *sql;
    struct error *error;

    bool judging; /* the second pass over calls */

    struct local_table *tables;
    size_t table_count;
    struct local_range *ranges;
    size_t range_count;
    struct local_names ctes;
    struct local_names columns; /* names that columns can be read by */
    struct local_names rows;    /* names that can mean a row */

    /* What occurs in the query: */
    bool unnamed;  /* something in FROM whose name the tree does not tell */
    bool star;     /* columns that are not named */
    bool any_row;  /* the row of any table as a value */
    bool blocked;  /* a table that has blocked columns */
    bool assigns;  /* an expression that assignment casts make a number, XML … */
    bool compares; /* the default order or equality of types */
    bool unknown;  /* values of types that cannot be known */
    bool builds;   /* arrays, or literals that become what is beside them */

    unsigned char *functions; /* enum local_function of each of the facts' functions */
    unsigned char *types;     /* enum local_type of each of the facts' types */
    const struct catalog_fact_type **in_play;
    size_t in_play_count;
    int *builtin_named; /* where built-in types are named, offset + 2, 0 = nowhere; the last is for
                           those that are not listed, and makes all of them be */
};

enum local_function {
    LOCAL_TRUSTED = 1, /* known: calling it calls nothing untrusted */
    LOCAL_NOTED = 2,   /* what its values bring into play is */
};

enum local_type {
    LOCAL_IN_PLAY = 1,  /* the query has values of it */
    LOCAL_NAMED = 2,    /* it is a target of casts */
    LOCAL_INSIDE = 4,   /* of an array, row or range that is in play */
    LOCAL_HARMLESS = 8, /* known: making a value of it calls nothing untrusted */
};

/* local.c */

/* The last and the one before it of a list of String nodes; NULL where there is none. */
const char *local_name(const json_t *list, const char **ret_schema);
/* The text of a String node, NULL for others. */
const char *local_string(const json_t *node);
/* A string constant's text, or NULL. */
const char *local_constant(const json_t *node);
json_int_t local_location(const json_t *fields);
/* True for what PostgreSQL takes as a literal of yet unknown type; also for NULL. */
bool local_may_be_literal(const json_t *node);

/* Both return false, for `return local_refuse(…)`. */
bool local_refuse(struct local *l, json_int_t location, const char *detail, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool local_deny(struct local *l, json_int_t location, const struct guard_finding *finding);

/* local_calls.c */

/* A node that calls something. */
bool local_calls_check(struct local *l, const char *key, const json_t *value);
/* The function, and what it is known to reach. */
bool local_function_is_harmless(const struct local *l, Oid function, struct guard_finding *ret);

/* local_columns.c: what column names, stars and rows can mean. */

void local_columns_gather(struct local *l, const char *key, const json_t *value);
/* After all were gathered. */
void local_columns_resolve(struct local *l, const struct catalog_fact_relation *const *relations,
    size_t count);
/* True when the query could read a column of this name. */
bool local_columns_reads(const struct local *l, const char *column);
/* True when `fields` of a ColumnRef (two or more) are a table's column and nothing else. */
bool local_is_column(const struct local *l, const json_t *fields);
/* A node against blocked_columns. */
bool local_columns_check(struct local *l, const char *key, const json_t *value);

/* local_types.c: types in play, casts, regclass constants. */

void local_types_init(struct local *l);
void local_types_gather(struct local *l, const char *key, const json_t *value);
/* The columns' types; after local_columns_resolve(). */
void local_types_resolve(struct local *l);
/* The query has values of a type and of what is in it, for the reason `how`. */
void local_types_add(struct local *l, Oid oid, unsigned how, json_int_t location);
/* And values that a function of the extension, or of nobody's (NULL), says nothing more of. */
void local_types_add_unknown(struct local *l, const char *extension);
/* What an argument of type `wanted` can be made of. */
bool local_types_accept(const struct local *l, Oid wanted, const json_t *argument);
bool local_types_harmless(struct local *l, Oid type, struct guard_finding *ret);
/* A polymorphic function whose body is SQL casts its arguments: a built-in one to text. */
void local_types_name_unwritten(struct local *l, Oid function);
/* A type that the query names. */
bool local_types_name(struct local *l, const char *schema, const char *name, json_int_t location);
/* A node TypeName or TypeCast. */
bool local_types_check(struct local *l, const char *key, const json_t *value);
/* A type by its name, when it is not one that has names of objects, or these may be had. */
bool local_types_check_names(struct local *l, const char *name, json_int_t location);
bool local_types_check_regclass(struct local *l, const char *text, json_int_t location);
/* What happens to types in play without being written: casts, comparisons, literals. */
bool local_types_check_unwritten(struct local *l);

#endif
