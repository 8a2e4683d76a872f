/*
 * What a query uses, read from PostgreSQL's own node tree (the text form of pg_node_tree).
 *
 * The server prints such trees for a statement that it has analysed (debug_print_parse), stores
 * them for views (pg_rewrite.ev_action) and for CHECK constraints (pg_constraint.conbin). Names
 * are resolved in them: relations, functions, operators and types are OIDs. Nothing here yields,
 * and nothing recurses.
 */
#ifndef PGPARLEY_CATALOG_USES_H
#define PGPARLEY_CATALOG_USES_H

#include "base/error.h"
#include "pg/pg.h"

struct catalog_oids {
    Oid *items; /* in ascending order, each once */
    size_t count;
};

struct catalog_used_relation {
    Oid oid;
    bool alone;   /* ONLY: its children are not read */
    bool whole;   /* the row as a value: every column is used */
    int *columns; /* attribute numbers, ascending, system columns left out */
    size_t column_count;
};

struct catalog_uses {
    /* By OID; a relation that occurs several times is listed once, with the columns of all. */
    struct catalog_used_relation *relations;
    size_t relation_count;
    struct catalog_oids functions; /* aggregates, window functions, sampling methods … as well;
                                      to_json() for JSON_OBJECT() and its like */
    struct catalog_oids operators;
    struct catalog_oids types; /* that values are made as: constants, casts, column definitions,
                                  what functions and operators return; not what is only handed
                                  on, as by a column, a CASE or an aggregate */
    struct catalog_oids regclasses; /* relations named by constants of type regclass */
    bool names_objects;             /* values of such types are made in other ways, but for what
                                       pg_typeof() returns: of a number comes an object's name */
    const char *foreign; /* what does not belong in a pure query: "UPDATE", a node that is not
                            known …; NULL when there is nothing */
};

/*
 * Reads one tree, or a list of them, whole. What is inside row security quals is left out: the
 * database's owner put it there, and it only takes rows away. A node of an unknown type is
 * `foreign`. False when the text is no node tree, or has a name so long that the server may have
 * broken it: 73 bytes without a blank, backslashes counted. `*ret` and all in it belong to `ctx`.
 */
must_use bool catalog_uses_read(const void *ctx, const char *tree, size_t len,
    struct catalog_uses **ret);

/* regclass, regtype and their like, and arrays of them. Not regconfig and regdictionary, which text
 * search takes. */
bool catalog_type_names_objects(Oid type);

bool catalog_oids_has(const struct catalog_oids *oids, Oid oid);

#endif
