/* What the files of the question loop share; nobody else includes this. */
#ifndef PGPARLEY_NL2SQL_ASKING_H
#define PGPARLEY_NL2SQL_ASKING_H

#include "base/str.h"
#include "nl2sql/ask.h"

/* ---- prompt_text.c: what the model is told; the same bytes for every question ---- */

extern const char nl2sql_system_prompt[];
extern const char nl2sql_answer_schema[]; /* JSON schema of its answer */

/* ---- conversation.c: what was said, and what it took ---- */

enum { NL2SQL_MESSAGES_MAX = 32 }; /* max_rounds is at most 10, each leaves two */

struct nl2sql_conversation {
    struct llm_message messages[NL2SQL_MESSAGES_MAX];
    size_t message_count;                     /* 0 = it has not begun */
    size_t rounds;                            /* the model was asked so often */
    int64_t prompt_tokens, completion_tokens; /* -1 = the service does not count */
    double model_ms;
};
void nl2sql_conversation_begin(const void *ctx, struct nl2sql_conversation *conversation,
    const char *context, const struct nl2sql_request *request);
must_use bool nl2sql_conversation_ask(const void *ctx, struct nl2sql_conversation *conversation,
    struct llm *llm, int64_t deadline, struct llm_answer *ret, struct error **ret_err) may_yield;
/* What is wrong with its last answer. */
void nl2sql_conversation_tell(const void *ctx, struct nl2sql_conversation *conversation,
    const char *text);

/* ---- answer.c: what the model said ---- */

struct nl2sql_answer {
    enum nl2sql_verdict verdict;
    const char *sql; /* NULL unless ANSWERED */
    const char *reading;
    struct nl2sql_list assumptions;
    const char *question;
    struct nl2sql_list options;
    const char *reason;
    bool loose; /* not in the form that was asked for */
};

/* Takes it from JSON, a fenced block, or SQL between prose, in this order; when it was `cut`, from
 * JSON only, which shows that nothing is missing. The error tells the model what to do better. */
must_use bool nl2sql_answer_read(const void *ctx, const char *text, bool cut,
    struct nl2sql_answer *ret, struct error **ret_err);

/* One line of at most `max` bytes and no control characters; NULL when nothing is in it. */
const char *nl2sql_line(const void *ctx, const char *text, size_t max);

void nl2sql_list_add(const void *ctx, struct nl2sql_list *list, const char *item);

/* ---- plan.c: what PostgreSQL would do ---- */

/* A text constant that a column is compared with. */
struct nl2sql_literal {
    const char *schema, *relation, *column;
    const char *value;
    const char *operator; /* "=", "LIKE", "ILIKE" */
    bool folded;          /* a function of the column is compared, as lower() */
};

struct nl2sql_details {
    struct nl2sql_plan plan;
    struct nl2sql_literal *literals;
    size_t literal_count;
    const char *product; /* "a with every row of b", which nothing connects; or NULL */
};

/* Binds every name by EXPLAIN, and runs nothing. */
must_use bool nl2sql_plan_get(const void *ctx, struct guard *guard,
    const struct nl2sql_subject *subject, const char *sql, int64_t deadline,
    struct nl2sql_details *ret, struct error **ret_err) may_yield;

/* What of it is more than the options allow, with both figures; NULL when it may run. */
const char *nl2sql_plan_excess(const void *ctx, const struct nl2sql_plan *plan,
    const struct nl2sql_asker_options *options);

/* Appends the constants in a condition as EXPLAIN prints it (literals.c). */
void nl2sql_literals_read(const void *ctx, const char *schema, const char *relation,
    const char *condition, struct nl2sql_details *details);

/* NULL when there is none, or the policy does not show it. */
const struct catalog_relation *nl2sql_shown_relation(const struct nl2sql_subject *subject,
    const char *schema, const char *name);

/* ---- findings.c: whether the rows look right ---- */

/* A sink before the caller's that sees what comes. */
struct nl2sql_witness {
    const struct pg_rows *rows; /* the caller's */
    size_t row_count, column_count;
    bool only_nothing; /* every value is NULL; or, in a single row, 0 */
    bool only_null;
};
struct pg_rows nl2sql_witness_sink(struct nl2sql_witness *witness);

struct nl2sql_finding {
    const char *text;       /* for the model, with values that may be meant; NULL: nothing found */
    const char *short_text; /* for people */
};
void nl2sql_findings(const void *ctx, struct guard *guard, const struct nl2sql_subject *subject,
    const struct nl2sql_witness *witness, const struct nl2sql_details *details, bool data_samples,
    int64_t deadline, struct nl2sql_finding *ret) may_yield;

/* ---- confidence.c ---- */

struct nl2sql_evidence {
    const struct nl2sql_context *context; /* NULL: the SQL was remembered */
    const struct nl2sql_answer *answer;
    const struct nl2sql_details *details;
    struct nl2sql_list repaired; /* errors that the model corrected */
    const char *finding;         /* that stands, or NULL */
    bool settled;                /* an earlier finding does not stand any more */
    bool has_rows;               /* it was run, and there are some */
};
void nl2sql_judge(const void *ctx, const struct nl2sql_evidence *evidence,
    struct nl2sql_reply *reply);

/* ---- memory.c: SQL of earlier questions ---- */

struct nl2sql_memory;
struct nl2sql_memory *nl2sql_memory_create(const void *ctx, size_t max_entries);
/* What answered the question in this version of the catalog, copied under `ctx`. */
bool nl2sql_memory_get(const void *ctx, struct nl2sql_memory *memory,
    const struct nl2sql_request *request, uint64_t version, struct nl2sql_answer *ret);
void nl2sql_memory_put(struct nl2sql_memory *memory, const struct nl2sql_request *request,
    uint64_t version, const struct nl2sql_answer *answer);
void nl2sql_memory_drop(struct nl2sql_memory *memory, const struct nl2sql_request *request);

#endif
