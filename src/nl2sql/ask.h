/*
 * From a question in plain language to an answer out of the database, by a model and with checks.
 *
 *   context → the model → answer.c → guard, EXPLAIN (plan.c) → cost → run → findings.c → answered
 *                ↑                        │ error            │       │          │
 *                └────────────────────────┴──────────────────┴───────┴──────────┘
 *
 * What the model writes is hostile text: its SQL reaches PostgreSQL through guard_read() only, is
 * bound by EXPLAIN before it runs, and everything else it says is cut and cleaned. What is wrong
 * goes back to it, for a few rounds; an error or a query that comes again ends them.
 */
#ifndef PGPARLEY_NL2SQL_ASK_H
#define PGPARLEY_NL2SQL_ASK_H

#include "guard/guard.h"
#include "llm/llm.h"
#include "nl2sql/context.h"

struct nl2sql_asker_options {
    int max_rounds;       /* how often the model is asked for one question */
    double max_plan_cost; /* of the planner, in total */
    double max_plan_rows; /* of any step of the plan */
    size_t context_tokens;
    size_t cache_entries; /* questions whose SQL is remembered; 0 = none */
    bool data_samples;    /* values out of the data may be shown to the model */
};

/* Who asks one model about one database. */
struct nl2sql_asker;

/* Borrows all but the options. */
struct nl2sql_asker *nl2sql_asker_create(const void *ctx, struct guard *guard,
    struct catalog_cache *cache, struct llm *llm, const struct nl2sql_asker_options *options);

/* What the model asked earlier about the question, and what the user said. */
struct nl2sql_exchange {
    const char *question, *answer;
};

enum { NL2SQL_QUESTION_MAX_BYTES = 8000 };

struct nl2sql_request {
    const char *question;
    const struct nl2sql_exchange *exchange; /* or NULL */
    bool execute;                           /* else the query is checked, not run */
    size_t max_rows;
    const struct nl2sql_subject *subject;
    struct pg_rows rows; /* of the query; reset() comes before those of another query */
    int64_t deadline;
    /* What is being done, and an error that the model is about to see, to be completed. */
    void (*progress)(void *arg, const char *status);
    void (*explain)(void *arg, const char *sql, struct error *error);
    void *arg;
};

enum nl2sql_verdict { NL2SQL_ANSWERED, NL2SQL_CLARIFY, NL2SQL_CANNOT };
enum nl2sql_confidence { NL2SQL_LOW, NL2SQL_MEDIUM, NL2SQL_HIGH };

struct nl2sql_plan {
    bool known; /* the query can be explained, which what the operator's views read cannot */
    double cost, rows;
    struct nl2sql_list relations; /* schema.name, as in SQL */
};

struct nl2sql_reply {
    enum nl2sql_verdict verdict;
    const char *sql;                /* with ANSWERED, else NULL */
    const char *reading;            /* how the model understood the question, a sentence */
    struct nl2sql_list assumptions; /* of the model */
    const char *question;           /* with CLARIFY: what the model wants to know … */
    struct nl2sql_list options;     /* … and answers that it expects; there may be none */
    const char *reason;             /* with CANNOT */
    enum nl2sql_confidence confidence;
    struct nl2sql_list reasons; /* for it */
    struct nl2sql_plan plan;
    bool executed;
    bool remembered; /* the SQL is that of an earlier question */
    double execution_ms;
    double model_ms; /* of all that the model was waited for */
    size_t rounds;
    int64_t prompt_tokens, completion_tokens; /* in all; -1 = the service does not count */
};

/*
 * `*ret` belongs to `ctx`; after a failure only what it took is in it. Fails when the model cannot
 * be had, when nothing that it writes is accepted, when its query would cost too much, or when the
 * query fails as it runs; the error then shows the query.
 */
must_use bool nl2sql_ask(const void *ctx, struct nl2sql_asker *asker,
    const struct nl2sql_request *request, struct nl2sql_reply *ret,
    struct error **ret_err) may_yield;

const char *nl2sql_asker_host(const struct nl2sql_asker *asker);
const char *nl2sql_asker_model(const struct nl2sql_asker *asker);

/* The SQL in an answer that was not asked for in any form; NULL when there is none. */
const char *nl2sql_sql_in(const void *ctx, const char *text);

#endif
