/* Facts made by hand, and what the policy says of them, for unit tests. */
#ifndef PGPARLEY_GUARD_TEST_FACTS_H
#define PGPARLEY_GUARD_TEST_FACTS_H

#include "guard/policy.h"

/* What is added later has the higher OID. */
enum { FIRST_RELATION = 20000, FIRST_FUNCTION = 40000, FIRST_TYPE = 50000 };

/* Of the running test. The policy that it begins with allows the schemas public and analytics, and
 * blocks users, audit_* and private.keys. */
extern void *test_ctx;
extern struct catalog_facts facts;
extern struct guard_policy policy;
extern struct guard_finding finding;

int fact_set_up(void **state);
int fact_tear_down(void **state);

/* A view begins with a query that uses nothing. */
struct catalog_fact_relation *fact_relation(const char *schema, const char *name, char kind);
void fact_inherit(struct catalog_fact_relation *child, struct catalog_fact_relation *parent);
/* With the numbers 1 and 3. */
void fact_columns(struct catalog_fact_relation *of, const char *first, const char *second);
/* In schema public. */
struct catalog_fact_function *fact_function(const char *name, char volatility,
    const char *language);
struct catalog_fact_type *fact_type(const char *name, char kind);
/* Not added to the facts. */
struct catalog_fact_function fact_built_in(const char *name, char volatility, size_t arguments);
struct catalog_oids fact_oid(Oid oid);
/* Adds to `uses` that it reads column `number` of the relation; -1 = the row as a whole. What is
 * returned stands until the next call. */
struct catalog_used_relation *fact_read(const struct catalog_uses *uses,
    const struct catalog_fact_relation *of, int number);
/* "a,b.c": patterns. */
void fact_list(struct guard_patterns *to, enum guard_pattern_form form, const char *text);

/* NONE when nothing speaks against it, else `finding` says more. */
enum guard_rule ask_relation(const struct catalog_fact_relation *of);
enum guard_rule ask_uses(const struct catalog_uses *uses);
enum guard_rule ask_function(struct catalog_fact_function of);

/* Of `finding`. */
const char *client_text(void);
const char *operator_text(void);
void assert_says(const char *text, const char *part);
void assert_silent(const char *text, const char *part);

#endif
