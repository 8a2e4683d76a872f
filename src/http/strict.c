/*
 * The head of a request, read a second time.
 *
 * libmicrohttpd is lax until 0.9.77: it takes a bare LF for a line's end, joins folded lines, cuts
 * values at a NUL, lets several lengths pass. What it took is hidden, but not lost: it reads in
 * place, and the head is still there from `method` on, with these changes: a NUL in the place of
 * the space after the method, of the space before the version, of the first colon of each line, of
 * a bare LF, and two in the place of CRLF. So a head was well-formed exactly if what is left of it
 * has this shape, and as many fields as MHD counted (a NUL that came from the client makes more):
 *
 *     method NUL target NUL version NUL NUL (name NUL value NUL NUL)* NUL NUL
 *
 * (Only NUL LF cannot be told from CR LF; it separates the same lines.) From 1.0 on it is strict if
 * asked to, and leaves the line's end behind a NUL.
 */
#include "http/internal.h"

#include <string.h>
#include <strings.h>
#include <talloc.h>

#define REFUSE(code, sentence) ((struct refusal){(code), (sentence)})

/* RFC 9110, 5.6.2 */
static bool is_token(const char *text)
{
    static const bool in_token[256] = {
        ['!'] = 1,
        ['#' ... '\''] = 1,
        ['*' ... '+'] = 1,
        ['-' ... '.'] = 1,
        ['0' ... '9'] = 1,
        ['A' ... 'Z'] = 1,
        ['^' ... 'z'] = 1,
        ['|'] = 1,
        ['~'] = 1,
    };
    const char *c = text;
    while (in_token[(unsigned char)*c])
        c++;
    return c > text && *c == '\0';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if (((unsigned char)*text < ' ' && *text != '\t') || *text == 0x7f)
            return true;
    return false;
}

/* RFC 9112, 3.2.1; MHD wrote a NUL over the '?', so `target` is the copy made before that. */
static bool is_target(const char *method, const char *target)
{
    for (const char *c = target; *c; c++)
        if (*c <= ' ' || *c >= 0x7f || *c == '#')
            return false;
    return target[0] == '/' || (strcmp(target, "*") == 0 && strcmp(method, "OPTIONS") == 0);
}

static bool is_host(const char *value)
{
    return value[strcspn(value, " \t,/\\@?#<>\"'")] == '\0';
}

static bool is_length(const char *value)
{
    size_t digits = strspn(value, "0123456789");
    return digits > 0 && digits <= 19 && value[digits] == '\0';
}

/* A name or value from `at` on; moves behind its NUL. NULL when `end` comes first. */
static char *take_text(char **at, const char *end)
{
    char *text = *at;
    char *nul = memchr(text, '\0', (size_t)(end - text));
    if (!nul)
        return NULL;
    *at = nul + 1;
    return text;
}

/* What is left of a line's end behind the first NUL. */
static bool take_line_end(char **at, const char *end)
{
    size_t left = (size_t)(end - *at);
    char *last = http_mhd_is_strict() ? memchr(*at, '\n', left) : *at;
    if (!last || left == 0 || (!http_mhd_is_strict() && *last != '\0'))
        return false;
    *at = last + 1;
    return true;
}

static char *strip(char *value)
{
    while (is_blank(*value))
        value++;
    size_t len = strlen(value);
    while (len > 0 && is_blank(value[len - 1]))
        len--;
    value[len] = '\0';
    return value;
}

/* The lines between version and body: `head` is the copy of them, from the version on. */
static struct refusal read_fields(struct http_request *request, char *head, size_t len)
{
    const char *end = head + len - 2; /* without the empty line */
    char *at = head;
    request->version = take_text(&at, end);
    if (!request->version || !take_line_end(&at, end))
        return REFUSE(400, "A line of the request does not end in CR LF.");
    if (strcmp(request->version, "HTTP/1.1") != 0 && strcmp(request->version, "HTTP/1.0") != 0)
        return REFUSE(505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
    while (at < end) {
        struct field *field = &request->fields[request->field_count];
        field->name = take_text(&at, end);
        char *value = field->name ? take_text(&at, end) : NULL;
        if (!value || !take_line_end(&at, end))
            return REFUSE(400,
                "A header line is folded, has no colon, holds a NUL, or does not end "
                "in CR LF.");
        if (!is_token(field->name))
            return REFUSE(400, "A header name holds a character that is not allowed there.");
        field->name_len = strlen(field->name);
        field->value = strip(value);
        if (has_control(field->value))
            return REFUSE(400, "A header value holds a control character.");
        request->field_count++;
        if (request->field_count == talloc_array_length(request->fields))
            request->fields =
                talloc_realloc(request, request->fields, struct field, 2 * request->field_count);
    }
    return REFUSE(0, NULL);
}

static struct refusal check_framing(const struct http_request *request)
{
    size_t hosts = http_request_header_count(request, "Host");
    size_t lengths = http_request_header_count(request, "Content-Length");
    size_t codings = http_request_header_count(request, "Transfer-Encoding");
    if (hosts != 1)
        return hosts == 0 ? REFUSE(400, "The Host header is missing.")
                          : REFUSE(400, "There is more than one Host header.");
    if (!is_host(http_request_header(request, "Host")))
        return REFUSE(400, "The Host header is not a host with an optional port.");
    if (lengths > 1)
        return REFUSE(400, "There is more than one Content-Length header.");
    if (lengths == 1 && codings > 0)
        return REFUSE(400, "Content-Length and Transfer-Encoding exclude each other.");
    if (lengths == 1 && !is_length(http_request_header(request, "Content-Length")))
        return REFUSE(400, "Content-Length is not a decimal number.");
    if (codings > 1)
        return REFUSE(400, "There is more than one Transfer-Encoding header.");
    if (codings == 1) {
        if (strcasecmp(http_request_header(request, "Transfer-Encoding"), "chunked") != 0)
            return REFUSE(400, "The only transfer coding that is understood is \"chunked\".");
        if (strcmp(request->version, "HTTP/1.1") != 0)
            return REFUSE(400, "HTTP/1.0 has no Transfer-Encoding.");
    }
    return REFUSE(0, NULL);
}

struct refusal http_strict_read(struct http_request *request, const char *method,
    const char *version, size_t head_size)
{
    /* The query was taken apart in place, so the target is compared by its length alone. */
    if (version != method + strlen(method) + 1 + strlen(request->path) + 1)
        return REFUSE(400, "The request line is not a method, a target and a version, with one "
                           "space between.");
    size_t before = (size_t)(version - method);
    if (head_size < before + 2)
        return REFUSE(400, "The request line is incomplete.");
    request->method = talloc_strdup(request, method);
    if (!is_token(request->method))
        return REFUSE(400, "The method holds a character that is not allowed there.");
    if (!is_target(request->method, request->path))
        return REFUSE(400, "The request target is not a path.");

    request->fields = talloc_array(request, struct field, 16);
    char *head = talloc_memdup(request, version, head_size - before);
    struct refusal refusal = read_fields(request, head, head_size - before);
    if (refusal.status != 0)
        return refusal;
    int counted = MHD_get_connection_values(request->connection->mhd, MHD_HEADER_KIND, NULL, NULL);
    if (counted < 0 || (size_t)counted != request->field_count)
        return REFUSE(400, "A header holds a NUL.");
    return check_framing(request);
}
