/*
 * Reads the YAML of a configuration: a mapping of sections, each a mapping of keys to a scalar, a
 * list of scalars or a mapping of names to scalars. Nothing nests deeper, so the events are read by
 * plain loops and whatever else YAML has (anchors, tags, several documents) is refused where it
 * appears.
 */
#include "config/internal.h"

#include "base/text.h"

#include <string.h>
#include <talloc.h>
#include <yaml.h>

enum { LIST_MAX_ITEMS = 1000 };

struct reader {
    struct config *config;
    const char *name; /* of the file */
    const char *bytes;
    yaml_parser_t yaml;
    yaml_event_t event; /* the one that is being looked at */
};

static struct error *error_at_line(struct reader *r, size_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static struct error *error_at_line(struct reader *r, size_t line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = talloc_vasprintf(r->config, format, args);
    va_end(args);
    return error_create(r->config, ERROR_CONFIG, "%s:%zu: %s", r->name, line, text);
}

static size_t line_of_event(const struct reader *r)
{
    return r->event.start_mark.line + 1;
}

static size_t line_of_offset(const struct reader *r, size_t offset)
{
    size_t line = 1;
    for (size_t i = 0; i < offset; i++)
        line += r->bytes[i] == '\n';
    return line;
}

#define error_here(r, ...) error_at_line(r, line_of_event(r), __VA_ARGS__)

static struct error *syntax_error(struct reader *r)
{
    const yaml_parser_t *yaml = &r->yaml;
    const char *problem = yaml->problem ? yaml->problem : "unexpected content";
    if (yaml->error == YAML_READER_ERROR)
        return error_at_line(r, line_of_offset(r, yaml->problem_offset), "invalid YAML: %s",
            problem);
    return error_at_line(r, yaml->problem_mark.line + 1, "invalid YAML at column %zu: %s",
        yaml->problem_mark.column + 1, problem);
}

/* Moves to the next event; refuses what no configuration needs. */
static bool next(struct reader *r, struct error **ret_err)
{
    yaml_event_delete(&r->event);
    if (!yaml_parser_parse(&r->yaml, &r->event))
        return error_raise(ret_err, syntax_error(r));
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (r->event.type == YAML_SCALAR_EVENT) {
        anchor = r->event.data.scalar.anchor;
        tag = r->event.data.scalar.tag;
    } else if (r->event.type == YAML_SEQUENCE_START_EVENT) {
        anchor = r->event.data.sequence_start.anchor;
        tag = r->event.data.sequence_start.tag;
    } else if (r->event.type == YAML_MAPPING_START_EVENT) {
        anchor = r->event.data.mapping_start.anchor;
        tag = r->event.data.mapping_start.tag;
    }
    if (anchor || r->event.type == YAML_ALIAS_EVENT) {
        return error_raise(ret_err,
            error_hint(error_here(r, "anchors and aliases are not supported here"),
                "write the value out, and put quotes around one that begins with & or *"));
    }
    if (tag) {
        return error_raise(ret_err, error_hint(error_here(r, "tags are not supported here"),
                                        "put quotes around a value that begins with !"));
    }
    return true;
}

static const char *scalar_text(const struct reader *r)
{
    return (const char *)r->event.data.scalar.value;
}

static bool scalar_is_null(const struct reader *r)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    if (r->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    for (size_t i = 0; i < sizeof nulls / sizeof nulls[0]; i++) {
        if (strcmp(scalar_text(r), nulls[i]) == 0)
            return true;
    }
    return false;
}

/* Takes the name that opens an entry of a mapping; NULL in `*ret` at the mapping's end. */
static bool next_name(struct reader *r, char **ret, struct error **ret_err)
{
    if (!next(r, ret_err))
        return false;
    *ret = NULL;
    if (r->event.type == YAML_MAPPING_END_EVENT)
        return true;
    if (r->event.type != YAML_SCALAR_EVENT)
        return error_raise(ret_err, error_here(r, "expected a name, found a list or a mapping"));
    *ret = talloc_strdup(r->config, scalar_text(r));
    return true;
}

/*
 * The scalar at hand with its references replaced, NULL on failure; `*ret_replaced` is set when
 * there were some.
 */
static char *expand_scalar(struct reader *r, const struct config_key *key, const char *origin,
    bool *ret_replaced, struct error **ret_err)
{
    char *expanded = NULL;
    bool replaced = false;
    const char *text = scalar_text(r);
    size_t len = r->event.data.scalar.length;
    if (memchr(text, '\0', len))
        *ret_err = error_create(r->config, ERROR_CONFIG, "the value contains a NUL character");
    else if (config_expand(r->config, text, len, &expanded, &replaced, ret_err))
        *ret_replaced |= replaced;
    if (!expanded)
        config_error_at(*ret_err, origin, key);
    return expanded;
}

static bool read_scalar(struct reader *r, const struct config_key *key,
    struct config_setting *setting, struct error **ret_err)
{
    bool replaced = false;
    char *text = expand_scalar(r, key, setting->origin, &replaced, ret_err);
    if (!text)
        return false;
    if (!config_value_set(r->config, key, text, ret_err)) {
        config_error_at(*ret_err, setting->origin, key);
        return false;
    }
    setting->literal = !replaced;
    setting->text = *text ? text : NULL; /* empty means the default */
    return true;
}

static bool read_list(struct reader *r, const struct config_key *key,
    struct config_setting *setting, struct error **ret_err)
{
    struct config_list *list = config_list_field(r->config, key);
    *list =
        (struct config_list){.items = talloc_zero_array(r->config, const char *, 1), .given = true};
    char *joined = talloc_strdup(r->config, "");
    bool replaced = false;
    while (next(r, ret_err) && r->event.type == YAML_SCALAR_EVENT) {
        char *origin = talloc_asprintf(r->config, "%s:%zu", r->name, line_of_event(r));
        char *item = expand_scalar(r, key, origin, &replaced, ret_err);
        if (!item)
            return false;
        bool empty = !*item || scalar_is_null(r);
        if (empty || list->count == LIST_MAX_ITEMS) {
            struct error *error = error_create(r->config, ERROR_CONFIG, "the list has %s",
                empty ? "an empty item" : "more than 1000 items");
            return error_raise(ret_err, config_error_at(error, origin, key));
        }
        joined = talloc_asprintf_append_buffer(joined, "%s%s", list->count ? ", " : "", item);
        config_list_add(r->config, list, item);
    }
    if (*ret_err)
        return false;
    if (r->event.type != YAML_SEQUENCE_END_EVENT) {
        return error_raise(ret_err,
            error_here(r, "%s.%s: expected a string, found a list or a mapping", key->section,
                key->name));
    }
    setting->literal = !replaced;
    setting->text = joined;
    return true;
}

static bool is_among(const struct config_secrets *secrets, const char *name)
{
    for (size_t i = 0; i < secrets->count; i++) {
        if (strcmp(secrets->items[i].name, name) == 0)
            return true;
    }
    return false;
}

static bool read_secrets(struct reader *r, const struct config_key *key,
    struct config_setting *setting, struct error **ret_err)
{
    const struct config_secrets *secrets = config_secrets_field(r->config, key);
    char *names = talloc_strdup(r->config, ""), *name;
    while (next_name(r, &name, ret_err) && name) {
        char *origin = talloc_asprintf(r->config, "%s:%zu", r->name, line_of_event(r));
        if (is_among(secrets, name)) {
            return error_raise(ret_err,
                error_here(r, "%s.%s: \"%s\" is given twice", key->section, key->name, name));
        }
        bool replaced = false;
        if (!next(r, ret_err))
            return false;
        if (r->event.type != YAML_SCALAR_EVENT) {
            return error_raise(ret_err, error_here(r, "%s.%s: expected the secret of \"%s\"",
                                            key->section, key->name, name));
        }
        char *value = expand_scalar(r, key, origin, &replaced, ret_err);
        if (!value)
            return false;
        if (!config_secrets_add(r->config, key, name, value, ret_err)) {
            config_error_at(*ret_err, origin, key);
            return false;
        }
        names = talloc_asprintf_append_buffer(names, "%s%s", *names ? ", " : "", name);
        setting->literal |= !replaced;
    }
    if (*ret_err)
        return false;
    if (secrets->count == 0)
        return error_raise(ret_err, error_here(r, "%s.%s names nobody", key->section, key->name));
    setting->text = names;
    return true;
}

static bool read_value(struct reader *r, const struct config_key *key,
    struct config_setting *setting, struct error **ret_err)
{
    setting->origin = talloc_asprintf(r->config, "%s:%zu", r->name, line_of_event(r));
    if (!next(r, ret_err))
        return false;
    const char *found = "a mapping";
    if (r->event.type == YAML_SCALAR_EVENT) {
        if (key->type != CONFIG_LIST && key->type != CONFIG_SECRETS)
            return scalar_is_null(r) || read_scalar(r, key, setting, ret_err);
        found = scalar_is_null(r) ? "nothing" : "a single value";
    } else if (r->event.type == YAML_SEQUENCE_START_EVENT) {
        if (key->type == CONFIG_LIST)
            return read_list(r, key, setting, ret_err);
        found = "a list";
    } else if (key->type == CONFIG_SECRETS) {
        return read_secrets(r, key, setting, ret_err);
    }
    struct error *error = error_create(r->config, ERROR_CONFIG, "expected %s, found %s",
        config_key_type_text(r->config, key), found);
    if (key->type == CONFIG_LIST)
        error_hint(error, "write [\"a\", \"b\"], or [] for an empty list");
    else if (key->type == CONFIG_SECRETS)
        error_hint(error, "write a line \"name: ${VARIABLE}\" for each");
    else if (r->event.type == YAML_MAPPING_START_EVENT)
        error_hint(error, "a value that begins with { needs quotes");
    return error_raise(ret_err, config_error_at(error, setting->origin, key));
}

static struct error *unknown_key_error(struct reader *r, const char *section, const char *name)
{
    struct error *error = error_here(r, "unknown key \"%s\" in section \"%s\"", name, section);
    const char *elsewhere = NULL;
    struct text_nearest nearest = text_nearest_to(name);
    for (size_t i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];
        if (strcmp(key->section, section) == 0)
            text_nearest_offer(&nearest, key->name);
        else if (strcmp(key->name, name) == 0)
            elsewhere = key->section;
    }
    if (elsewhere)
        return error_hint(error, "\"%s\" is a key of section \"%s\"", name, elsewhere);
    if (nearest.best)
        return error_hint(error, "did you mean \"%s\"?", nearest.best);
    return error_hint(error, "\"pgparley help config\" lists the keys");
}

static bool read_section(struct reader *r, const struct config_section *section,
    struct error **ret_err)
{
    char *name;
    while (next_name(r, &name, ret_err) && name) {
        size_t i = 0;
        while (i < config_key_count && (strcmp(config_keys[i].section, section->name) != 0 ||
                                           strcmp(config_keys[i].name, name) != 0))
            i++;
        if (i == config_key_count)
            return error_raise(ret_err, unknown_key_error(r, section->name, name));
        struct config_setting *setting = &r->config->settings[i];
        if (setting->origin) {
            return error_raise(ret_err, error_here(r, "%s.%s is given twice, first at %s",
                                            section->name, name, setting->origin));
        }
        talloc_free(name);
        if (!read_value(r, &config_keys[i], setting, ret_err))
            return false;
    }
    return !*ret_err;
}

static struct error *unknown_section_error(struct reader *r, const char *name)
{
    struct error *error = error_here(r, "unknown section \"%s\"", name);
    struct text_nearest nearest = text_nearest_to(name);
    for (size_t i = 0; i < config_section_count; i++) {
        text_nearest_offer(&nearest, config_sections[i].name);
        if (config_sections[i].alias)
            text_nearest_offer(&nearest, config_sections[i].alias);
    }
    if (nearest.best)
        return error_hint(error, "did you mean \"%s\"?", nearest.best);
    for (size_t i = 0; i < config_key_count; i++) {
        if (strcmp(config_keys[i].name, name) == 0)
            return error_hint(error, "\"%s\" is a key of section \"%s\"", name,
                config_keys[i].section);
    }
    return error_hint(error, "the sections are database, llm, mcp and security");
}

static bool read_sections(struct reader *r, struct error **ret_err)
{
    size_t *lines = talloc_zero_array(r->config, size_t, (unsigned)config_section_count);
    char *name;
    while (next_name(r, &name, ret_err) && name) {
        size_t i = 0;
        while (i < config_section_count && strcmp(config_sections[i].name, name) != 0 &&
               (!config_sections[i].alias || strcmp(config_sections[i].alias, name) != 0))
            i++;
        if (i == config_section_count)
            return error_raise(ret_err, unknown_section_error(r, name));
        const struct config_section *section = &config_sections[i];
        if (lines[i]) {
            return error_raise(ret_err,
                error_here(r, "section \"%s\"%s%s%s is given twice, first at line %zu",
                    section->name, section->alias ? " (or \"" : "",
                    section->alias ? section->alias : "", section->alias ? "\")" : "", lines[i]));
        }
        lines[i] = line_of_event(r);
        talloc_free(name);
        if (!next(r, ret_err))
            return false;
        if (r->event.type == YAML_SCALAR_EVENT && scalar_is_null(r))
            continue;
        if (r->event.type != YAML_MAPPING_START_EVENT) {
            return error_raise(ret_err,
                error_here(r, "section \"%s\" must hold \"key: value\" lines", section->name));
        }
        if (!read_section(r, section, ret_err))
            return false;
    }
    talloc_free(lines);
    return !*ret_err;
}

static bool read_stream(struct reader *r, struct error **ret_err)
{
    if (!next(r, ret_err) || !next(r, ret_err))
        return false;
    if (r->event.type == YAML_STREAM_END_EVENT)
        return true;
    if (!next(r, ret_err))
        return false;
    if (r->event.type == YAML_MAPPING_START_EVENT) {
        if (!read_sections(r, ret_err))
            return false;
    } else if (r->event.type != YAML_SCALAR_EVENT || !scalar_is_null(r)) {
        return error_raise(ret_err,
            error_hint(error_here(r, "expected sections with keys"),
                "a file looks like \"database:\" and, on the next line, \"  host: localhost\""));
    }
    if (!next(r, ret_err) || !next(r, ret_err))
        return false;
    if (r->event.type != YAML_STREAM_END_EVENT)
        return error_raise(ret_err, error_here(r, "only one YAML document is allowed in a file"));
    return true;
}

bool config_yaml_read(struct config *config, const char *name, const char *bytes, size_t len,
    struct error **ret_err)
{
    struct reader r = {.config = config, .name = name, .bytes = bytes};
    size_t valid = text_utf8_check(bytes, len);
    if (valid < len) {
        return error_raise(ret_err,
            error_at_line(&r, line_of_offset(&r, valid), "the file is not valid UTF-8"));
    }
    struct error *error = NULL;
    if (!yaml_parser_initialize(&r.yaml))
        return error_raise(ret_err, error_create(config, ERROR_INTERNAL, "out of memory"));
    yaml_parser_set_encoding(&r.yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.yaml, (const unsigned char *)bytes, len);
    bool ok = read_stream(&r, &error);
    yaml_event_delete(&r.event);
    yaml_parser_delete(&r.yaml);
    return ok || error_raise(ret_err, error);
}
