/* Tool declarations: schema out, arguments in; see tool.h. */
#include "mcp/tool.h"

#include "base/text.h"
#include "mcp/message.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <talloc.h>

static const char *const type_names[] =
    {[MCP_STRING] = "string", [MCP_INTEGER] = "integer", [MCP_BOOLEAN] = "boolean"};

static void write_param(struct json_writer *w, const struct mcp_param *param, bool headers)
{
    jw_key(w, param->name);
    jw_begin_object(w);
    jw_member_string(w, "type", type_names[param->type]);
    jw_member_string(w, "description", param->description);
    if (param->min != 0 || param->max != 0) {
        jw_member_int(w, "minimum", param->min);
        jw_member_int(w, "maximum", param->max);
    }
    if (param->values) {
        jw_key(w, "enum");
        jw_begin_array(w);
        for (const char *const *value = param->values; *value; value++)
            jw_string(w, *value);
        jw_end_array(w);
    }
    jw_member_string(w, "x-mcp-header", headers ? param->header : NULL);
    jw_end_object(w);
}

static void write_input_schema(struct json_writer *w, const struct mcp_param *params, bool headers)
{
    jw_begin_object(w);
    jw_member_string(w, "type", "object");
    jw_key(w, "properties");
    jw_begin_object(w);
    bool any_required = false;
    for (const struct mcp_param *param = params; param->name; param++) {
        write_param(w, param, headers);
        any_required |= param->required;
    }
    jw_end_object(w);
    if (any_required) {
        jw_key(w, "required");
        jw_begin_array(w);
        for (const struct mcp_param *param = params; param->name; param++) {
            if (param->required)
                jw_string(w, param->name);
        }
        jw_end_array(w);
    }
    jw_member_bool(w, "additionalProperties", false);
    jw_end_object(w);
}

void mcp_tool_write(struct json_writer *w, const struct mcp_tool *tool,
    struct mcp_tool_fields fields)
{
    jw_begin_object(w);
    jw_member_string(w, "name", tool->name);
    if (fields.titles)
        jw_member_string(w, "title", tool->title);
    jw_member_string(w, "description", tool->description);
    jw_key(w, "inputSchema");
    if (tool->input_schema)
        jw_raw(w, tool->input_schema, strlen(tool->input_schema));
    else
        write_input_schema(w, tool->params, fields.headers);
    if (fields.titles && tool->output_schema) {
        jw_key(w, "outputSchema");
        jw_raw(w, tool->output_schema, strlen(tool->output_schema));
    }
    if (fields.annotations) {
        jw_key(w, "annotations");
        jw_begin_object(w);
        jw_member_bool(w, "readOnlyHint", tool->hints.read_only);
        jw_member_bool(w, "destructiveHint", tool->hints.destructive);
        jw_member_bool(w, "idempotentHint", tool->hints.idempotent);
        jw_member_bool(w, "openWorldHint", tool->hints.open_world);
        jw_end_object(w);
    }
    jw_end_object(w);
}

/* ---- arguments ---- */

static const char *json_type_name(const json_t *value)
{
    static const char *const names[] = {[JSON_OBJECT] = "an object",
        [JSON_ARRAY] = "an array",
        [JSON_STRING] = "a string",
        [JSON_INTEGER] = "an integer",
        [JSON_REAL] = "a number",
        [JSON_TRUE] = "a boolean",
        [JSON_FALSE] = "a boolean",
        [JSON_NULL] = "null"};
    return names[json_typeof(value)];
}

static struct error *unknown_argument(const void *ctx, const struct mcp_param *params,
    const char *name)
{
    struct error *error = error_create(ctx, ERROR_ARGUMENT, "unknown argument \"%.100s\"", name);
    struct text_nearest nearest = text_nearest_to(name);
    char *known = talloc_strdup(error, "");
    for (const struct mcp_param *param = params; param->name; param++) {
        text_nearest_offer(&nearest, param->name);
        known = talloc_asprintf_append(known, "%s%s", *known ? ", " : "", param->name);
    }
    if (nearest.best)
        return error_hint(error, "did you mean \"%s\"?", nearest.best);
    if (!*known)
        return error_hint(error, "this tool takes no arguments");
    return error_hint(error, "known arguments: %s", known);
}

/* True for an integer, also one written as 10.0, which JSON Schema counts as one. */
static bool is_integer(const json_t *value)
{
    double real = json_real_value(value);
    return json_is_integer(value) ||
           (json_is_real(value) && fabs(real) < 0x1p53 && real == trunc(real));
}

static bool has_type(const json_t *value, enum mcp_type type)
{
    switch (type) {
    case MCP_STRING:
        return json_is_string(value);
    case MCP_INTEGER:
        return is_integer(value);
    case MCP_BOOLEAN:
        return json_is_boolean(value);
    }
    return false;
}

static struct error *check_string(const void *ctx, const struct mcp_param *param,
    const json_t *value)
{
    const char *text = mcp_json_string(value);
    if (!text)
        return error_hint(error_create(ctx, ERROR_ARGUMENT,
                              "argument \"%s\" contains a NUL character", param->name),
            "PostgreSQL text cannot hold \\u0000; remove it");
    if (!param->values)
        return NULL;
    char *known = talloc_strdup(ctx, "");
    struct text_nearest nearest = text_nearest_to(text);
    for (const char *const *allowed = param->values; *allowed; allowed++) {
        if (strcmp(*allowed, text) == 0)
            return NULL;
        text_nearest_offer(&nearest, *allowed);
        known = talloc_asprintf_append(known, "%s\"%s\"", *known ? ", " : "", *allowed);
    }
    struct error *error = error_create(ctx, ERROR_ARGUMENT, "argument \"%s\" cannot be \"%.100s\"",
        param->name, text);
    if (nearest.best)
        return error_hint(error, "did you mean \"%s\"? Allowed: %s", nearest.best, known);
    return error_hint(error, "allowed: %s", known);
}

static struct error *check_integer(const void *ctx, const struct mcp_param *param,
    const json_t *value)
{
    int64_t number =
        json_is_integer(value) ? json_integer_value(value) : (int64_t)json_real_value(value);
    if ((param->min == 0 && param->max == 0) || (number >= param->min && number <= param->max))
        return NULL;
    return error_hint(error_create(ctx, ERROR_ARGUMENT, "argument \"%s\" is out of range: %" PRId64,
                          param->name, number),
        "give a value from %" PRId64 " to %" PRId64, param->min, param->max);
}

static struct error *check_one(const void *ctx, const struct mcp_param *param, const json_t *value)
{
    if (!value || (json_is_null(value) && !param->required)) {
        if (!param->required)
            return NULL;
        return error_hint(
            error_create(ctx, ERROR_ARGUMENT, "argument \"%s\" is missing", param->name),
            "it is required: %s", param->description);
    }
    if (!has_type(value, param->type))
        return error_hint(error_create(ctx, ERROR_ARGUMENT, "argument \"%s\" must be %s %s, not %s",
                              param->name, param->type == MCP_INTEGER ? "an" : "a",
                              type_names[param->type], json_type_name(value)),
            "give it as a JSON %s", type_names[param->type]);
    if (param->type == MCP_STRING)
        return check_string(ctx, param, value);
    return param->type == MCP_INTEGER ? check_integer(ctx, param, value) : NULL;
}

bool mcp_arguments_check(const void *ctx, const struct mcp_param *params, const json_t *arguments,
    struct error **ret_err)
{
    void *iter = json_object_iter((json_t *)(uintptr_t)arguments);
    for (; iter; iter = json_object_iter_next((json_t *)(uintptr_t)arguments, iter)) {
        const struct mcp_param *param = params;
        while (param->name && strcmp(param->name, json_object_iter_key(iter)) != 0)
            param++;
        if (!param->name)
            return error_raise(ret_err, unknown_argument(ctx, params, json_object_iter_key(iter)));
    }
    for (const struct mcp_param *param = params; param->name; param++) {
        struct error *error = check_one(ctx, param, json_object_get(arguments, param->name));
        if (error)
            return error_raise(ret_err, error);
    }
    return true;
}
