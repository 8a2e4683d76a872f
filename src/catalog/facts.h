/*
 * Facts: what the guard has to know of the database, by OID and by name.
 *
 * Other than the catalog that is shown (catalog.h), this has everything: relations that the role
 * may not read, functions, operators, casts and types, since a view or a cast reaches them with
 * its owner's rights. Plain data in one talloc object, immutable once it is loaded. Objects with
 * an OID below CATALOG_FIRST_USER_OID came with PostgreSQL.
 */
#ifndef PGPARLEY_CATALOG_FACTS_H
#define PGPARLEY_CATALOG_FACTS_H

#include "catalog/fingerprint.h"
#include "catalog/uses.h"

enum { CATALOG_FIRST_USER_OID = 16384 };

struct catalog_fact_column {
    int number; /* attnum */
    const char *name;
    Oid type;
};

struct catalog_fact_relation {
    Oid oid;
    const char *schema, *name;
    char kind;         /* relkind: r p v m f S */
    bool is_partition; /* declarative; else its parents are those of INHERITS */
    bool is_extension; /* a member of an extension */
    bool has_row_security;
    Oid owner_table; /* of a sequence: the table whose column it belongs to; 0 = none */
    Oid row_type;
    const struct catalog_fact_relation **parents, **children;
    size_t parent_count, child_count;
    const struct catalog_uses *query;          /* of a view or materialized view that came not with
                                                  PostgreSQL; NULL for others */
    const struct catalog_fact_column *columns; /* of user relations, by number; dropped left out */
    size_t column_count;
};

struct catalog_fact_function {
    Oid oid;
    const char *schema, *name;
    const char *language;
    const char *extension; /* that it is a member of, or NULL */
    const char *internal;  /* of LANGUAGE internal outside the built-in ones: prosrc; else NULL */
    char volatility;       /* i s v */
    char kind;             /* prokind: f a w p */
    const Oid *arguments;
    size_t argument_count;
    size_t default_count;
    bool variadic;
    Oid returns;
};

/* Only those that did not come with PostgreSQL, as with casts and types. */
struct catalog_fact_operator {
    Oid oid;
    const char *schema, *name;
    Oid left, right; /* 0 = none */
    Oid function;
};

struct catalog_fact_cast {
    Oid source, target;
    Oid function; /* 0: binary or through text */
    char context; /* e a i */
};

/* What compares or hashes values of a type where no operator is written: a support function of the
 * type's default operator class for btree or hash. */
struct catalog_fact_comparison {
    Oid type;
    Oid function;
};

struct catalog_fact_type {
    Oid oid;
    const char *schema, *name;
    char kind;     /* typtype: b c d e m p r */
    char category; /* typcategory */
    Oid element;   /* of an array */
    Oid base;      /* of a domain; of a range its subtype, of a multirange its range */
    Oid relation;  /* whose row type it is, or of a composite type its pg_class entry */
    const char *extension;
    struct catalog_oids functions;  /* called to make or show a value: domain checks, a range's
                                       comparison and canonical function, input and output of a
                                       base type that has its own; 0 = a check that could not be
                                       read */
    struct catalog_oids operators;  /* in domain checks */
    struct catalog_oids attributes; /* types of a composite type's (or row type's) attributes that
                                       did not come with PostgreSQL; types that domain checks use */
};

struct catalog_facts {
    const char *database;
    const char *encoding;     /* of the database: "UTF8" */
    int server_version;       /* as in 150020 */
    const char **search_path; /* schemas that exist, in their order, pg_catalog where it is */
    size_t search_path_count;

    struct catalog_fact_relation
        *relations; /* by OID; system ones included, no TOAST, no indexes */
    size_t relation_count;
    struct catalog_fact_function *functions; /* by OID; all of them */
    size_t function_count;
    struct catalog_fact_operator *operators; /* by OID */
    size_t operator_count;
    struct catalog_fact_cast *casts;
    size_t cast_count;
    struct catalog_fact_comparison *comparisons;
    size_t comparison_count;
    struct catalog_fact_type *types; /* by OID */
    size_t type_count;

    const struct catalog_facts_index *index; /* of names; facts.c */

    struct catalog_fingerprint fingerprint; /* taken with them, in one transaction */
};

/* Reads all of it in one round trip. `*ret` belongs to `ctx`. */
must_use bool catalog_facts_load(const void *ctx, struct pg_pool *pool, int64_t deadline,
    struct catalog_facts **ret, struct error **ret_err) may_yield;

/* Makes the index of facts that were put together by hand, in a talloc object; loading does it. */
void catalog_facts_make_index(struct catalog_facts *facts);

/* All of these borrow from the facts and return NULL (or 0) when there is none. */
const struct catalog_fact_relation *catalog_facts_relation(const struct catalog_facts *facts,
    Oid oid);
const struct catalog_fact_function *catalog_facts_function(const struct catalog_facts *facts,
    Oid oid);
const struct catalog_fact_operator *catalog_facts_operator(const struct catalog_facts *facts,
    Oid oid);
const struct catalog_fact_type *catalog_facts_type(const struct catalog_facts *facts, Oid oid);

/* `schema` NULL: the first on the search path. */
const struct catalog_fact_relation *catalog_facts_find_relation(const struct catalog_facts *facts,
    const char *schema, const char *name);
const struct catalog_fact_type *catalog_facts_find_type(const struct catalog_facts *facts,
    const char *schema, const char *name);
/* Those of the name in every schema; their count. `*ret` is an array of pointers. */
size_t catalog_facts_functions_named(const struct catalog_facts *facts, const char *name,
    const struct catalog_fact_function *const **ret);
size_t catalog_facts_operators_named(const struct catalog_facts *facts, const char *name,
    const struct catalog_fact_operator *const **ret);
/* True for a schema on the search path. */
bool catalog_facts_on_path(const struct catalog_facts *facts, const char *schema);

/* Whether all came with PostgreSQL; 0, which nothing has, did not. */
bool catalog_oids_are_built_in(const struct catalog_oids *oids);

#endif
