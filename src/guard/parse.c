/*
 * Layer 2a: PostgreSQL's own grammar, in a cage.
 *
 * libpg_query writes the tree with a recursion that checks no stack: at most 350 bytes a level,
 * and a level costs at least two bytes of SQL, so 64 KiB of SQL need at most 11 MiB. It runs on
 * the main stack, which has 16. The JSON parser's own limit (2,048 levels) bounds the depth of
 * everything that walks the tree afterwards.
 */
#include "guard/internal.h"

#include <pg_query.h>
#include <string.h>
#include <talloc.h>

struct job {
    const void *ctx;
    const char *sql;
    struct guard_tree *tree;
    struct error *error;
};

static int tree_free(struct guard_tree *tree)
{
    json_decref(tree->json);
    return 0;
}

static struct error *syntax_error(const struct job *job, const PgQueryError *said)
{
    struct error *error = error_create(job->ctx, ERROR_REFUSED, "%.500s", said->message);
    memcpy(error->sqlstate, "42601", 6);
    error->position = said->cursorpos;
    if (strstr(said->message, "stack depth"))
        return error_hint(error, "the query is nested too deeply; write it flatter");
    return error_hint(error, "write one PostgreSQL SELECT statement (grammar of version %s)",
        PG_MAJORVERSION);
}

static void parse(void *arg)
{
    struct job *job = arg;
    PgQueryParseResult result = pg_query_parse(job->sql);
    json_error_t why;
    if (result.error) {
        job->error = syntax_error(job, result.error);
    } else {
        json_t *json = json_loads(result.parse_tree, 0, &why);
        if (json) {
            job->tree = talloc(job->ctx, struct guard_tree);
            job->tree->json = json;
            talloc_set_destructor(job->tree, tree_free);
        } else {
            job->error = error_hint(
                error_create(job->ctx, ERROR_REFUSED, "the query is nested too deeply"),
                "write it flatter: long chains of operators or UNIONs can often become IN, VALUES "
                "or a join");
        }
    }
    pg_query_free_parse_result(result);
}

bool guard_parse(const void *ctx, const char *sql, struct guard_tree **ret, struct error **ret_err)
{
    struct job job = {.ctx = ctx, .sql = sql};
    rt_run_on_main(parse, &job);
    if (job.error)
        return error_raise(ret_err, job.error);
    *ret = job.tree;
    return true;
}
