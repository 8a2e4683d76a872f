/*
 * Reading node trees, as outfuncs.c of PostgreSQL 12 to 18 writes them.
 *
 *     value = atom | {TAG :field value …} | (value …) | (i 1 2), the same with o, b and x
 *
 * An atom ends at white space or a bracket that no backslash precedes. <> is NULL. The bytes of a
 * constant follow its length: :constvalue 4 [ 3 0 0 0 0 0 0 0 ].
 *
 * The names of a query's author are atoms as well, and may look like fields. They cannot become
 * fields, because it goes by position: after a field comes exactly one value, after that the next
 * field, and whatever breaks the rule is no tree.
 *
 * What the server prints is wrapped at blanks, but a piece of 78 bytes that has none is broken
 * where it is, even between a backslash and a bracket. So such a piece is no tree either.
 */
#include "catalog/uses.h"

#include "catalog/loading.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum {
    DEPTH_MAX = 100000,
    REGCLASS = 2205,          /* pg_type.oid */
    REGTYPE = 2206,           /* likewise */
    TO_JSON = 3176,           /* pg_proc.oid */
    PG_TYPEOF = 1619,         /* likewise */
    ATTRIBUTE_OFFSET = 7,     /* -FirstLowInvalidHeapAttributeNumber: bit 8 is column 1 */
    NUMBER_DIGITS_MAX = 10,   /* of an OID */
    COLUMN_NUMBER_MAX = 1600, /* MaxHeapAttributeNumber */
    PIECE_MAX = 72            /* less than 78: brackets may stand before it on its line */
};

struct atom {
    const char *at;
    size_t len;
};

#define IS(atom, text) \
    ((atom).len == sizeof(text) - 1 && memcmp((atom).at, text, sizeof(text) - 1) == 0)
#define ENDS(atom, text)               \
    ((atom).len >= sizeof(text) - 1 && \
        memcmp((atom).at + (atom).len - (sizeof(text) - 1), text, sizeof(text) - 1) == 0)

/* ---- what is known of nodes ---- */

enum node_kind {
    NODE_PASSING, /* makes no values, or only of built-in types */
    NODE_MAKER,   /* values of the types that it names come to be in it */
    NODE_CONSTANT,
    NODE_QUERY,
    NODE_RELATION,
    NODE_UNKNOWN,
    NODE_LIST, /* no node */
};

/*
 * All that a pure query is made of, up to PostgreSQL 14 some by shorter names; what occurs only in
 * other commands, in raw or in planned trees is not here. The commonest come first: it is searched
 * from the front.
 *
 * A node is no maker when it hands on what it was given: a column, a CASE, an aggregate. So a
 * domain whose CHECK calls a function may be read, but not cast to.
 */
static const char *const passing[] = {"VAR", "TARGETENTRY", "ALIAS", "RANGETBLREF",
    "SORTGROUPCLAUSE", "BOOLEXPR", "FROMEXPR", "JOINEXPR", "AGGREF", "NULLTEST", "SUBLINK", "PARAM",
    "CASEEXPR", "CASE", "CASEWHEN", "WHEN", "CASETESTEXPR", "SCALARARRAYOPEXPR", "ARRAYEXPR",
    "ARRAY", "COALESCEEXPR", "COALESCE", "COERCETODOMAINVALUE", "COLLATEEXPR", "COLLATE",
    "ROWCOMPAREEXPR", "ROWCOMPARE", "DISTINCTEXPR", "NULLIFEXPR", "BOOLEANTEST", "MINMAXEXPR",
    "MINMAX", "FIELDSELECT", "SUBSCRIPTINGREF", "NAMEDARGEXPR", "SQLVALUEFUNCTION",
    "COMMONTABLEEXPR", "CTESEARCHCLAUSE", "CTECYCLECLAUSE", "SETOPERATIONSTMT", "WINDOWFUNC",
    "WINDOWCLAUSE", "GROUPINGFUNC", "GROUPINGSET", "TABLESAMPLECLAUSE", "XMLEXPR", "JSONFORMAT",
    "JSONVALUEEXPR", "JSONCONSTRUCTOREXPR", "JSONISPREDICATE", "JSONBEHAVIOR", "JSONEXPR",
    "JSONTABLEPATH", "JSONTABLEPATHSCAN", "JSONTABLESIBLINGJOIN"};

/* OPEXPR: anyelement #= hstore makes whatever is on its left. RANGETBLFUNCTION: by its column
 * definition list. */
static const char *const makers[] = {"OPEXPR", "FUNCEXPR", "RELABELTYPE", "COERCEVIAIO",
    "COERCETODOMAIN", "ARRAYCOERCEEXPR", "CONVERTROWTYPEEXPR", "ROWEXPR", "ROW", "RANGETBLFUNCTION",
    "TABLEFUNC", "JSONRETURNING"};

static bool is_named(struct atom atom, const char *name)
{
    return strncmp(name, atom.at, atom.len) == 0 && strlen(name) == atom.len;
}

static enum node_kind kind_of(struct atom tag)
{
    if (IS(tag, "CONST"))
        return NODE_CONSTANT;
    if (IS(tag, "QUERY"))
        return NODE_QUERY;
    if (IS(tag, "RTE") || IS(tag, "RANGETBLENTRY") || IS(tag, "RTEPERMISSIONINFO"))
        return NODE_RELATION;
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++)
        if (is_named(tag, makers[i]))
            return NODE_MAKER;
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
        if (is_named(tag, passing[i]))
            return NODE_PASSING;
    return NODE_UNKNOWN;
}

/* What the fields of a QUERY hold when it only reads. */
static const struct {
    const char *field, *value;
    const char *otherwise;
} pure[] = {
    {"commandType", "1", "MERGE or a utility command"},
    {"utilityStmt", "<>", "a utility command"},
    {"resultRelation", "0", "a command that writes"},
    {"hasModifyingCTE", "false", "a command that writes, in WITH"},
    {"onConflict", "<>", "ON CONFLICT"},
    {"rowMarks", "<>", "FOR UPDATE or FOR SHARE"},
    {"withCheckOptions", "<>", "WITH CHECK OPTION"},
};

static const char *const commands[] = {"UPDATE", "INSERT", "DELETE"}; /* commandType 2 to 4 */

enum use { USE_NONE, USE_FUNCTION, USE_OPERATOR, USE_TYPE };

/* By the end of its name, so that a field that a later PostgreSQL adds is not overlooked. Types go
 * by other names often enough to be counted in makers only. */
static enum use use_of(enum node_kind node, struct atom field)
{
    bool makes = node == NODE_MAKER || node == NODE_CONSTANT;
    switch (field.at[field.len - 1]) {
    case 'c': /* startInRangeFunc */
        return ENDS(field, "Func") || ENDS(field, "func") || ENDS(field, "proc") ? USE_FUNCTION
                                                                                 : USE_NONE;
    case 'd': /* opfuncid, aggfnoid, row_typeid */
        if (ENDS(field, "funcid") || ENDS(field, "fnoid") || ENDS(field, "procid"))
            return USE_FUNCTION;
        return makes && (ENDS(field, "typeid") || ENDS(field, "typid")) ? USE_TYPE : USE_NONE;
    case 'e': /* funcresulttype */
        return makes && (ENDS(field, "resulttype") || ENDS(field, "consttype")) ? USE_TYPE
                                                                                : USE_NONE;
    case 'o':
        return ENDS(field, "opno") ? USE_OPERATOR : USE_NONE;
    case 'p': /* sortop; but op alone is an enum */
        return field.len > 2 && ENDS(field, "op") ? USE_OPERATOR : USE_NONE;
    case 'r': /* tsmhandler */
        return ENDS(field, "handler") ? USE_FUNCTION : USE_NONE;
    case 's': /* funccoltypes */
        if (ENDS(field, "opnos"))
            return USE_OPERATOR;
        return makes && ENDS(field, "coltypes") ? USE_TYPE : USE_NONE;
    default:
        return USE_NONE;
    }
}

/* ---- what is being read ---- */

struct frame {
    enum node_kind kind;
    struct atom field; /* that waits for its value; len 0: none, in lists always */
    Oid oid;           /* NODE_RELATION: the relation; NODE_CONSTANT: the type; NODE_MAKER: the
                          function */
    bool alone, outside_from, unchecked; /* NODE_RELATION: no inh, inFromCl, requiredPerms */
    bool has_columns;
};

struct reader {
    const char *at, *end;
    struct frame *frames; /* frames[0] holds the tree; under `uses` while it is read */
    size_t depth, capacity;
    size_t quals;      /* the depth below which security quals are being read, or SIZE_MAX */
    uint64_t *columns; /* relation and column number, to be sorted; likewise */
    size_t column_count;
    struct catalog_uses *uses;
};

static void add_foreign(struct reader *r, const char *what, size_t len)
{
    if (!r->uses->foreign && r->quals == SIZE_MAX)
        r->uses->foreign = talloc_strndup(r->uses, what, len);
}

static void add_oid(struct reader *r, struct catalog_oids *oids, Oid oid)
{
    if (oid == 0 || r->quals != SIZE_MAX || (oids->count && oids->items[oids->count - 1] == oid))
        return;
    GROW(r->uses, oids->items, oids->count);
    oids->items[oids->count++] = oid;
}

bool catalog_type_names_objects(Oid type)
{
    /* regproc, regprocedure, regoper, regoperator, regclass, regtype, regnamespace, regrole,
     * regcollation */
    static const Oid types[] = {24, 2202, 2203, 2204, REGCLASS, REGTYPE, 4089, 4096, 4191};
    static const Oid arrays[] = {1008, 2207, 2208, 2209, 2210, 2211, 4090, 4097, 4192};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (type == types[i] || type == arrays[i])
            return true;
    }
    return false;
}

static bool names_object(const struct frame *frame, Oid type)
{
    return catalog_type_names_objects(type) &&
           !(frame->kind == NODE_CONSTANT && type == REGCLASS) &&
           !(frame->kind == NODE_MAKER && frame->oid == PG_TYPEOF && type == REGTYPE);
}

static void add_use(struct reader *r, struct frame *frame, enum use use, Oid oid)
{
    if (use == USE_FUNCTION) {
        add_oid(r, &r->uses->functions, oid);
        if (frame->kind == NODE_MAKER)
            frame->oid = oid;
    } else if (use == USE_OPERATOR) {
        add_oid(r, &r->uses->operators, oid);
    } else if (use == USE_TYPE) {
        add_oid(r, &r->uses->types, oid);
        r->uses->names_objects |= r->quals == SIZE_MAX && names_object(frame, oid);
    }
}

/*
 * Up to PostgreSQL 15 the rule of a view has two entries named old and new that are the view
 * itself, and that nothing reads. No name decides that: every relation in FROM has inFromCl set,
 * and rights to be checked. Where the server has expanded a view, it has moved the rights that the
 * query needs on it to old, which is then listed.
 */
static void add_relation(struct reader *r, const struct frame *frame)
{
    struct catalog_uses *uses = r->uses;
    if (frame->oid == 0 || r->quals != SIZE_MAX ||
        (frame->alone && frame->outside_from && frame->unchecked && !frame->has_columns))
        return;
    GROW(uses, uses->relations, uses->relation_count);
    uses->relations[uses->relation_count++] =
        (struct catalog_used_relation){.oid = frame->oid, .alone = frame->alone};
}

static bool add_column(struct reader *r, struct frame *frame, uint32_t bit)
{
    if (frame->oid == 0 || bit > ATTRIBUTE_OFFSET + COLUMN_NUMBER_MAX)
        return false;
    frame->has_columns = true;
    if (bit < ATTRIBUTE_OFFSET || r->quals != SIZE_MAX)
        return true;
    GROW(r->uses, r->columns, r->column_count);
    r->columns[r->column_count++] = (uint64_t)frame->oid << 32 | (bit - ATTRIBUTE_OFFSET);
    return true;
}

/* ---- atoms ---- */

enum { BLANK = 1, BRACKET, BACKSLASH };
static const unsigned char class[256] = {
    [' '] = BLANK,
    ['\t'] = BLANK,
    ['\n'] = BLANK,
    ['('] = BRACKET,
    [')'] = BRACKET,
    ['{'] = BRACKET,
    ['}'] = BRACKET,
    ['\\'] = BACKSLASH,
};

static unsigned char class_of(const struct reader *r)
{
    return class[(unsigned char)*r->at];
}

/* The next byte that is not white space, '\0' at the end. */
static char peek(struct reader *r)
{
    while (r->at < r->end && class_of(r) == BLANK)
        r->at++;
    return r->at < r->end ? *r->at : '\0';
}

/* What begins at the present byte; empty at a bracket, at the end, and when it may be broken. */
static struct atom read_atom(struct reader *r)
{
    const char *start = r->at, *piece = start;
    for (; r->at < r->end; r->at++) {
        unsigned char c = class_of(r);
        if (c == BLANK || c == BRACKET)
            break;
        if (c != BACKSLASH || r->end - r->at == 1)
            continue;
        r->at++;
        if (class_of(r) != BLANK)
            continue;
        if (r->at - piece > PIECE_MAX)
            break;
        piece = r->at;
    }
    bool is_whole = r->at - piece <= PIECE_MAX;
    return (struct atom){.at = start, .len = is_whole ? (size_t)(r->at - start) : 0};
}

static bool read_number(struct atom atom, uint32_t *ret)
{
    uint64_t number = 0;
    if (atom.len == 0 || atom.len > NUMBER_DIGITS_MAX)
        return false;
    for (size_t i = 0; i < atom.len; i++) {
        if (atom.at[i] < '0' || atom.at[i] > '9')
            return false;
        number = number * 10 + (unsigned)(atom.at[i] - '0');
    }
    *ret = (uint32_t)number;
    return number <= UINT32_MAX;
}

/* ---- values of fields ---- */

/* The elements of (o …) and (b …), behind their letter. Others are of no interest. */
static bool read_numbers(struct reader *r, struct frame *frame, char letter)
{
    enum use use = USE_NONE;
    bool is_columns = false;
    if (letter == 'o' && frame->field.len)
        use = use_of(frame->kind, frame->field);
    else if (letter == 'b' && frame->kind == NODE_RELATION)
        is_columns = IS(frame->field, "selectedCols");
    while (peek(r) != ')') {
        struct atom atom = read_atom(r);
        uint32_t number;
        if (atom.len == 0)
            return false;
        if (use == USE_NONE && !is_columns)
            continue;
        if (!read_number(atom, &number) || (is_columns && !add_column(r, frame, number)))
            return false;
        add_use(r, frame, use, number);
    }
    r->at++;
    return true;
}

/* An OID as the bytes of a Datum: 4 or 8 of them, in the server's order. */
static bool read_regclass(struct reader *r)
{
    Oid little = 0, big = 0;
    for (int i = 0; peek(r) != ']'; i++) {
        struct atom atom = read_atom(r);
        uint32_t byte;
        bool is_negative = atom.len && atom.at[0] == '-';
        atom.at += is_negative;
        atom.len -= is_negative;
        if (!read_number(atom, &byte) || byte > 255)
            return false;
        byte = (is_negative ? 0 - byte : byte) & 255;
        if (i < 4)
            little |= byte << 8 * i;
        big = big << 8 | byte;
    }
    add_oid(r, &r->uses->regclasses, little ? little : big);
    return true;
}

/* The `[ 3 0 0 0 ]` behind the length. */
static bool read_bytes(struct reader *r, const struct frame *frame)
{
    if (peek(r) != '[')
        return false;
    r->at++;
    if (frame->oid == REGCLASS && !read_regclass(r))
        return false;
    const char *close = memchr(r->at, ']', (size_t)(r->end - r->at));
    if (!close)
        return false;
    r->at = close + 1;
    return true;
}

static void check_pure(struct reader *r, struct atom field, struct atom value)
{
    for (size_t i = 0; i < sizeof pure / sizeof *pure; i++) {
        if (!is_named(field, pure[i].field) || is_named(value, pure[i].value))
            continue;
        const char *what = pure[i].otherwise;
        if (IS(field, "commandType") && value.at[0] >= '2' && value.at[0] <= '4')
            what = commands[value.at[0] - '2'];
        add_foreign(r, what, strlen(what));
    }
}

static bool read_relation_field(struct frame *frame, struct atom value)
{
    if (IS(frame->field, "relid"))
        return frame->oid == 0 && read_number(value, &frame->oid);
    if (IS(frame->field, "inh"))
        frame->alone = IS(value, "false");
    else if (IS(frame->field, "inFromCl"))
        frame->outside_from = IS(value, "false");
    else if (IS(frame->field, "requiredPerms"))
        frame->unchecked = IS(value, "0");
    return true;
}

/* An atom, as the value of a field. */
static bool read_value(struct reader *r, struct frame *frame, struct atom value)
{
    struct atom field = frame->field;
    bool is_number = value.at[0] >= '0' && value.at[0] <= '9';
    uint32_t number;
    if (frame->kind == NODE_CONSTANT && IS(field, "constvalue"))
        return IS(value, "<>") || (is_number && read_bytes(r, frame));
    if (frame->kind == NODE_QUERY)
        check_pure(r, field, value);
    else if (frame->kind == NODE_RELATION && !read_relation_field(frame, value))
        return false;
    enum use use = is_number ? use_of(frame->kind, field) : USE_NONE;
    if (use == USE_NONE)
        return true;
    if (!read_number(value, &number))
        return false;
    if (frame->kind == NODE_CONSTANT)
        frame->oid = number;
    add_use(r, frame, use, number);
    return true;
}

/* ---- nodes and lists ---- */

static bool push(struct reader *r, enum node_kind kind)
{
    if (r->depth == DEPTH_MAX)
        return false;
    if (r->depth == r->capacity) {
        r->capacity = r->capacity ? 2 * r->capacity : 32;
        r->frames = talloc_realloc_size(r->uses, r->frames, r->capacity * sizeof *r->frames);
    }
    r->frames[r->depth++] = (struct frame){.kind = kind};
    return true;
}

static bool open_node(struct reader *r)
{
    peek(r);
    struct atom tag = read_atom(r);
    enum node_kind kind = kind_of(tag);
    if (kind == NODE_UNKNOWN)
        add_foreign(r, tag.at, tag.len);
    else if (IS(tag, "JSONCONSTRUCTOREXPR")) /* JSON_OBJECT() does what that does; it names none */
        add_oid(r, &r->uses->functions, TO_JSON);
    return tag.len > 0 && push(r, kind);
}

static bool open_list(struct reader *r, struct frame *top)
{
    char letter = r->end - r->at >= 2 ? *r->at : '\0';
    bool is_flat = (letter == 'i' || letter == 'o' || letter == 'b' || letter == 'x') &&
                   (r->at[1] == ')' || class[(unsigned char)r->at[1]] == BLANK);
    if (!is_flat)
        return push(r, NODE_LIST);
    r->at++;
    bool ok = read_numbers(r, top, letter);
    top->field.len = 0;
    return ok;
}

static bool open_bracket(struct reader *r, struct frame *top)
{
    struct atom bracket = {.at = r->at++, .len = 1};
    if (top->kind == NODE_QUERY)
        check_pure(r, top->field, bracket);
    else if (top->kind == NODE_RELATION && IS(top->field, "securityQuals") && r->quals == SIZE_MAX)
        r->quals = r->depth;
    return bracket.at[0] == '{' ? open_node(r) : open_list(r, top);
}

static void close_bracket(struct reader *r, const struct frame *top)
{
    r->at++;
    if (top->kind == NODE_RELATION)
        add_relation(r, top);
    r->depth--;
    r->frames[r->depth - 1].field.len = 0;
    if (r->depth == r->quals)
        r->quals = SIZE_MAX;
}

/* Reads the next bracket or atom. Of a node that is not known it does not know the form either. */
static bool step(struct reader *r)
{
    struct frame *top = &r->frames[r->depth - 1];
    bool is_lax = top->kind == NODE_LIST || top->kind == NODE_UNKNOWN;
    switch (peek(r)) {
    case '{':
    case '(':
        return (is_lax || top->field.len > 0) && open_bracket(r, top);
    case '}':
        if (top->kind == NODE_LIST || top->field.len > 0)
            return false;
        close_bracket(r, top);
        return true;
    case ')':
        if (top->kind != NODE_LIST)
            return false;
        close_bracket(r, top);
        return true;
    default:
        break;
    }
    struct atom atom = read_atom(r);
    if (atom.len == 0)
        return false;
    if (top->field.len > 0) {
        bool ok = read_value(r, top, atom);
        top->field.len = 0;
        return ok;
    }
    if (top->kind != NODE_LIST && atom.len > 1 && atom.at[0] == ':') {
        top->field = (struct atom){.at = atom.at + 1, .len = atom.len - 1};
        return true;
    }
    return is_lax;
}

static bool read_tree(struct reader *r)
{
    if (!push(r, NODE_LIST) || (peek(r) != '{' && peek(r) != '('))
        return false;
    do {
        if (!step(r))
            return false;
    } while (r->depth > 1);
    peek(r);
    return r->at == r->end;
}

/* ---- the result ---- */

static int compare_oids(const void *a, const void *b)
{
    Oid left = *(const Oid *)a, right = *(const Oid *)b;
    return (left > right) - (left < right);
}

static int compare_columns(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static int compare_relations(const void *a, const void *b)
{
    return compare_oids(&((const struct catalog_used_relation *)a)->oid,
        &((const struct catalog_used_relation *)b)->oid);
}

static void sort_oids(struct catalog_oids *oids)
{
    if (oids->count < 2)
        return;
    qsort(oids->items, oids->count, sizeof *oids->items, compare_oids);
    size_t kept = 1;
    for (size_t i = 1; i < oids->count; i++)
        if (oids->items[i] != oids->items[kept - 1])
            oids->items[kept++] = oids->items[i];
    oids->count = kept;
}

static void merge_relations(struct catalog_uses *uses)
{
    if (uses->relation_count < 2)
        return;
    struct catalog_used_relation *relations = uses->relations;
    qsort(relations, uses->relation_count, sizeof *relations, compare_relations);
    size_t kept = 1;
    for (size_t i = 1; i < uses->relation_count; i++)
        if (relations[i].oid == relations[kept - 1].oid)
            relations[kept - 1].alone &= relations[i].alone;
        else
            relations[kept++] = relations[i];
    uses->relation_count = kept;
}

/* Every column has its relation: both lists are in the order of OIDs. */
static void give_columns(struct reader *r)
{
    if (r->column_count == 0)
        return;
    qsort(r->columns, r->column_count, sizeof *r->columns, compare_columns);
    int *numbers = talloc_array(r->uses, int, (unsigned)r->column_count);
    struct catalog_used_relation *relation = r->uses->relations;
    for (size_t i = 0; i < r->column_count; i++) {
        if (i > 0 && r->columns[i] == r->columns[i - 1])
            continue;
        while (relation->oid != (Oid)(r->columns[i] >> 32))
            relation++;
        int number = (int)(r->columns[i] & UINT32_MAX);
        if (number == 0) {
            relation->whole = true;
            continue;
        }
        if (relation->column_count == 0)
            relation->columns = numbers;
        relation->column_count++;
        *numbers++ = number;
    }
}

bool catalog_uses_read(const void *ctx, const char *tree, size_t len, struct catalog_uses **ret)
{
    struct reader r = {.at = tree,
        .end = tree + len,
        .quals = SIZE_MAX,
        .uses = talloc_zero(ctx, struct catalog_uses)};
    if (!read_tree(&r)) {
        talloc_free(r.uses);
        return false;
    }
    sort_oids(&r.uses->functions);
    sort_oids(&r.uses->operators);
    sort_oids(&r.uses->types);
    sort_oids(&r.uses->regclasses);
    merge_relations(r.uses);
    give_columns(&r);
    talloc_free(r.columns);
    talloc_free(r.frames);
    *ret = r.uses;
    return true;
}

bool catalog_oids_has(const struct catalog_oids *oids, Oid oid)
{
    return oids->count && bsearch(&oid, oids->items, oids->count, sizeof oid, compare_oids);
}
