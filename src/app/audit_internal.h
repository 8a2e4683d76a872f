/* What PostgreSQL told of the role (audit.c), and what follows from it (audit_judge.c). */
#ifndef PGPARLEY_APP_AUDIT_INTERNAL_H
#define PGPARLEY_APP_AUDIT_INTERNAL_H

#include "app/audit.h"

/* How many there are, and the names of the first. Overloads are counted, and named once. */
struct tally {
    size_t count, named;
    const char *last;
    char *names;
};

struct audit {
    const void *ctx; /* of what is only needed until the end */
    struct app_audit *result;
    const struct guard_policy *policy;
    const struct catalog_facts *facts;
    const char *role, *database; /* as SQL wants them, in quotes where needed */
    bool is_super, bypasses_rls, creates_roles, creates_databases, replicates;
    bool may_create, may_make_temporary, owns_database;
    bool by_network, is_encrypted, is_standby, limits_files;
    const char **predefined; /* roles of PostgreSQL that it is a member of */
    size_t predefined_count;
    struct tally becomes, becomes_mighty;
    struct tally owned, written, hidden, hidden_extension, columns;
    struct tally schemas_owned, schemas_created_in;
    struct tally reaching, definer, invoker, dispensable;
    struct tally servers;
};

/* Makes findings of all that. */
void app_audit_judge(struct audit *a, const struct guard_mode *mode);

#endif
