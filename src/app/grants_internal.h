/* What PostgreSQL told (grants.c), and the script that is made of it (grants_script.c). */
#ifndef PGPARLEY_APP_GRANTS_INTERNAL_H
#define PGPARLEY_APP_GRANTS_INTERNAL_H

#include "app/exposure.h"
#include "app/grants.h"
#include "base/str.h"

struct schema {
    char *name, *quoted;
    bool public_creates;
    bool is_used; /* by what is granted */
};

struct relation {
    Oid oid;
    char *quoted;
    bool public_reads, public_writes;
};

struct function {
    Oid oid;
    char *quoted; /* with its arguments */
    bool is_public, is_definer;
    bool is_in_policy, is_in_view; /* of row security; of any view */
};

/* What a relation calls in the name of who reads it. */
struct call {
    Oid relation, function;
};

struct grants {
    const void *ctx;
    const struct app_grants_options *options;
    const struct config *config;
    struct tools_env env;
    const struct guard_policy *policy;
    const struct catalog_facts *facts;
    const struct catalog *catalog;
    char *role, *literal; /* quoted as a name, and that as a string */
    char *database, *version, *search_path;
    bool public_makes_temporary;
    struct schema *schemas;
    struct relation *relations;
    struct function *functions;
    struct call *calls;
    char **servers; /* that PUBLIC may use */
    size_t schema_count, relation_count, function_count, call_count, server_count;
    struct str script;
};

/* Writes the script into `script`, which is initialised here. */
void app_grants_write(struct grants *g);

#endif
