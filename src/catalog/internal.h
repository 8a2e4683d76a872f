/* What the two forms of render.h share: which relations fit, and the enums that they use. */
#ifndef PGPARLEY_CATALOG_INTERNAL_H
#define PGPARLEY_CATALOG_INTERNAL_H

#include "base/json_writer.h"
#include "catalog/render.h"

struct render {
    const struct catalog_view *view;
    enum catalog_detail detail;
    struct str *out;
    struct str enums;                    /* the definitions go behind the relations */
    bool *has_enum;                      /* for each enum of the catalog: it is in `enums` */
    const struct catalog_schema *schema; /* of the relation before */
    struct json_writer json, json_enums;
};

struct render_form {
    void (*begin)(struct render *r);
    void (*relation)(struct render *r, const struct catalog_relation *relation);
    void (*enumeration)(struct render *r, const struct catalog_enum *enumeration);
    void (*end)(struct render *r, size_t listed);
    size_t end_bytes; /* the most that end() adds to relations and enums */
};

struct catalog_listing catalog_render(const struct catalog_view *view,
    const struct render_form *form, struct str *out);

/* A foreign key that points at a relation, and whose it is. Zero-initialised before the first. */
struct catalog_reference {
    const struct catalog_relation *relation;
    const struct catalog_key *key;
    size_t next_relation, next_key;
};
/* The next one that the view's filter shows; false after the last. */
bool catalog_next_reference(const struct catalog_view *view, const struct catalog_relation *target,
    struct catalog_reference *reference);

/* The expression of a generated column; NULL when there is none, or it could name a column that is
 * not shown. */
const char *catalog_shown_generation(const struct render *r,
    const struct catalog_relation *relation, const struct catalog_column *column);

#endif
