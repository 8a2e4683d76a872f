/*
 * The URIs of resources: postgres://database, postgres://database/schema and
 * postgres://database/schema/table, each part percent-encoded. They name a database and never say
 * how to reach it.
 */
#ifndef PGPARLEY_TOOLS_URI_H
#define PGPARLEY_TOOLS_URI_H

#include "base/error.h"

/* The same as templates (RFC 6570). */
#define TOOLS_URI_OF_DATABASE "postgres://{database}"
#define TOOLS_URI_OF_SCHEMA TOOLS_URI_OF_DATABASE "/{schema}"
#define TOOLS_URI_OF_TABLE TOOLS_URI_OF_SCHEMA "/{table}"

struct tools_uri {
    const char *database;
    const char *schema; /* NULL in the URI of a database */
    const char *table;  /* NULL in the URI of a database or schema */
};

/* Under `ctx`; what tools_uri_parse() reads as the same parts. */
char *tools_uri_text(const void *ctx, const struct tools_uri *uri);

/* The parts are allocated under `ctx`. False when `text` is no such URI. */
must_use bool tools_uri_parse(const void *ctx, const char *text, struct tools_uri *ret);

#endif
