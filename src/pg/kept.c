/*
 * Statements that a connection keeps prepared.
 *
 * To parse and to plan a point query takes PostgreSQL longer than to run it. What is kept are texts
 * that came before; PostgreSQL analyses and plans them anew by itself when something that they use
 * has changed. DEALLOCATE ALL, which ends every read that is not tidy, forgets them all. Behind a
 * transaction pooler nothing is kept.
 */
#include "pg/internal.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

enum { TEXT_MAX = 4096 };

static size_t find(const struct pg_conn *conn, const char *sql)
{
    size_t i = 0;
    while (i < conn->kept_count && strcmp(conn->kept[i], sql) != 0)
        i++;
    return i;
}

bool pg_kept_allowed(const char *sql)
{
    return strlen(sql) <= TEXT_MAX;
}

bool pg_kept_has_room(const struct pg_conn *conn, const char *sql)
{
    return find(conn, sql) < PG_KEPT_MAX;
}

bool pg_kept_send(struct pg_conn *conn, const char *sql, bool *ret_parsed)
{
    size_t i = find(conn, sql);
    char name[32];
    snprintf(name, sizeof name, "pgparley_%zu", i);
    *ret_parsed = i == conn->kept_count;
    if (*ret_parsed) {
        conn->kept[conn->kept_count++] = talloc_strdup(conn, sql);
        if (!PQsendPrepare(conn->pq, name, sql, 0, NULL))
            return false;
    }
    return PQsendQueryPrepared(conn->pq, name, 0, NULL, NULL, NULL, 0) == 1;
}

bool pg_kept_send_end(struct pg_conn *conn)
{
    while (conn->kept_count > 0)
        talloc_free(conn->kept[--conn->kept_count]);
    return PQsendQueryParams(conn->pq, "DEALLOCATE ALL", 0, NULL, NULL, NULL, NULL, 0) == 1;
}
