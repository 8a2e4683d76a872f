/* The guard's layers, each its own file; called in this order by guard.c. */
#ifndef PGPARLEY_GUARD_INTERNAL_H
#define PGPARLEY_GUARD_INTERNAL_H

#include "guard/guard.h"

#include <jansson.h>

/* text.c: size, UTF-8, NUL, and what PostgreSQL's lexer cannot be given. */
must_use bool guard_text(const void *ctx, size_t max_bytes, const char *sql, size_t len,
    struct error **ret_err);

/* parse.c: the parse tree as libpg_query's JSON, owned by the caller (json_decref). On the main
 * stack, as everything that walks or frees the tree. */
must_use bool guard_parse(const void *ctx, const char *sql, json_t **ret, struct error **ret_err);
/* "15": the PostgreSQL whose grammar it is. */
const char *guard_grammar_version(void);

/* structure.c: exactly one statement, a pure query at every level. */
enum guard_kind { GUARD_QUERY, GUARD_EXPLAIN, GUARD_SHOW };

struct guard_statement {
    enum guard_kind kind;
    const json_t *query; /* the SelectStmt; NULL for SHOW */
    bool limited;        /* the query itself has a LIMIT or FETCH */
    bool verbose;        /* of EXPLAIN: the option is named */
    size_t start, len;   /* the bytes that were parsed */
    size_t query_start;  /* of the query below EXPLAIN, else as `start` */
};
must_use bool guard_structure(const void *ctx, const json_t *tree, const char *sql,
    struct guard_statement *ret, struct error **ret_err);

/* explain.c: where the query below an EXPLAIN begins, checked by parsing it alone. */
const char *guard_skip_blank(const char *p); /* and comments */
must_use bool guard_explain(const void *ctx, const char *sql, struct guard_statement *statement,
    struct error **ret_err);

/* settings.c: those that SHOW and current_setting() may tell. */
bool guard_setting_is_open(const char *name);

/* shown.c: system views tell only of what the policy shows. A place in the text, in bytes, and what
 * guard_shown_rewrite() makes of it, in characters. */
struct guard_place {
    size_t start;
    int parts; /* of the name, or of what stands before it in a reference */
    bool aliased;
    bool reference; /* schema.view.column: what says the schema has to go */
    const struct catalog_fact_relation *relation;
    size_t from, to, out_from, out_to;
};
bool guard_shown_concerns(const struct catalog_fact_relation *relation);
/* The OIDs of hidden relations as an array's text, the rewritten text's parameter; NULL when there
 * are none. */
const char *guard_shown_hidden(const void *ctx, const struct guard_policy *policy,
    const struct catalog_facts *facts);
must_use bool guard_shown_rewrite(const void *ctx, const char *sql, struct guard_place *places,
    size_t count, const char **ret, struct error **ret_err);
/* From a character's position in the rewritten text to one in the text before. */
int guard_shown_position(const struct guard_place *places, size_t count, int position);

/* names.c: the relations and types that the query names, resolved and judged. */
struct guard_names {
    const struct catalog_fact_relation **relations;
    size_t count;
    struct guard_place *places; /* of system views that guard_shown_concerns(), in their order */
    size_t place_count;
    const char *unknown; /* a name that the facts do not have, and where it stands; or NULL */
    int position;
};
must_use bool guard_names_check(const void *ctx, const struct guard_policy *policy,
    const struct catalog_facts *facts, const json_t *query, const char *sql,
    struct guard_names *ret, struct error **ret_err);

/* What an EXPLAIN of them would tell of what is not shown speaks against it. */
must_use bool guard_names_explain(const void *ctx, const struct guard_policy *policy,
    const struct catalog_facts *facts, const struct guard_names *names,
    const struct guard_plan *plan, struct error **ret_err);

/* analysis.c: everything that the query uses, as PostgreSQL's own trees tell: the query as it was
 * written, and the list of what it was rewritten to. `*ret_tidy`: see struct pg_statement. */
must_use bool guard_analysis(const void *ctx, const struct guard_policy *policy,
    const struct catalog_facts *facts, const char *const trees[2], bool *ret_tidy,
    struct guard_finding *ret);

/* True when rows are left out by policies of a table, which an EXPLAIN would print. */
bool guard_analysis_has_row_security(const char *rewritten);

/* locate.c: the character of the text where what was found stands, or 0. A column that stands there
 * by its name gets it into the finding, under `ctx`. */
int guard_locate(const void *ctx, const char *sql, struct guard_finding *finding);

/* local.c: everything else that the query could call, by name: functions, attribute notation,
 * operators, casts, domains, row types. Stricter than the server's own analysis: what could
 * resolve to something untrusted is refused, and the hint says how to get the exact mode. */
must_use bool guard_local(const void *ctx, const struct guard_policy *policy,
    const struct catalog_facts *facts, const json_t *query, const char *sql,
    const struct catalog_fact_relation *const *relations, size_t relation_count,
    struct error **ret_err);

/* verdicts.c: texts that were allowed, the least recently used forgotten. */
struct guard_verdicts;
struct guard_verdict {
    enum guard_kind kind;
    size_t start, len, query_start;
    bool wrap;        /* as a subquery, to limit the rows */
    bool tidy;        /* what pg_statement says of it */
    uint64_t version; /* of the facts that it was reached with */
};
struct guard_verdicts *guard_verdicts_create(const void *ctx);
/* NULL when it is not known, or was reached with other facts. Valid until the next put. */
const struct guard_verdict *guard_verdicts_find(struct guard_verdicts *verdicts, const char *sql,
    size_t len, uint64_t version);
void guard_verdicts_put(struct guard_verdicts *verdicts, const char *sql, size_t len,
    const struct guard_verdict *verdict);

/* The error of a finding; the log tells the operator more. */
struct error *guard_refusal(const void *ctx, const struct guard_policy *policy,
    const struct catalog_facts *facts, const struct guard_finding *finding);

/* Calls `visit` for every member of every object below `tree`, parents first, until it returns
 * false; then returns false, too. */
bool guard_walk(const json_t *tree, bool (*visit)(const char *key, const json_t *value, void *arg),
    void *arg);

/* 1-based character for a byte offset; 0 for a negative one (unknown). */
int guard_position(const char *sql, json_int_t byte_offset);

#endif
