/*
 * Who may come in: names of hosts, origins of pages, bearer tokens.
 *
 * A page of any site can make a browser send requests to a server on loopback, and with a name of
 * its own that suddenly means 127.0.0.1 (DNS rebinding) it could read the answers. Its name is
 * then in Host and Origin: both have to be known.
 */
#include "transport/http_internal.h"

#include <arpa/inet.h>
#include <nettle/memops.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

/* Secrets are kept, and compared, in so many bytes each, the rest of them zero. */
enum { SECRET_BYTES = 512 };

/* ---- names ---- */

/* "name", "name:port", "[::1]:port" or "::1". */
struct authority {
    char name[256];   /* without brackets */
    const char *port; /* "" = none is named */
};

static bool all_digits(const char *text)
{
    return strspn(text, "0123456789") == strlen(text);
}

static bool read_authority(const char *text, struct authority *ret)
{
    const char *name = text, *end;
    const char *after = text + strcspn(text, ":");
    if (*text == '[') {
        name++;
        end = strchr(name, ']');
        after = end ? end + 1 : NULL;
    } else {
        if (*after == ':' && strchr(after + 1, ':'))
            after += strlen(after); /* an IPv6 address without brackets */
        end = after;
    }
    if (!end || end == name || (size_t)(end - name) >= sizeof ret->name)
        return false;
    if (*after == ':')
        after++;
    else if (*after)
        return false;
    memcpy(ret->name, name, (size_t)(end - name));
    ret->name[end - name] = '\0';
    ret->port = after;
    return all_digits(after);
}

static bool is_loopback(const char *name)
{
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, name, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, name, &six) == 1)
        return IN6_IS_ADDR_LOOPBACK(&six);
    return strcasecmp(name, "localhost") == 0;
}

bool transport_host_allowed(const struct transport_http_options *options, const char *host)
{
    struct authority asked, allowed;
    bool readable = read_authority(host, &asked);
    if (readable && is_loopback(asked.name))
        return true;
    for (const char *const *entry = options->allowed_hosts; entry && *entry; entry++)
        if (strcmp(*entry, "*") == 0 ||
            (readable && read_authority(*entry, &allowed) &&
                strcasecmp(allowed.name, asked.name) == 0 &&
                (!*allowed.port || strcmp(allowed.port, asked.port) == 0)))
            return true;
    return false;
}

bool transport_origin_allowed(const struct transport_http_options *options, const char *origin)
{
    struct authority from;
    const char *rest = strncasecmp(origin, "http://", 7) == 0    ? origin + 7
                       : strncasecmp(origin, "https://", 8) == 0 ? origin + 8
                                                                 : "";
    if (read_authority(rest, &from) && is_loopback(from.name))
        return true;
    for (const char *const *entry = options->allowed_origins; entry && *entry; entry++)
        if (strcmp(*entry, "*") == 0 || strcasecmp(*entry, origin) == 0)
            return true;
    return false;
}

/* ---- tokens ---- */

/* NULL when it is none. */
static char *pad_secret(const void *ctx, const char *secret)
{
    size_t len = strlen(secret);
    if (len == 0 || len > SECRET_BYTES)
        return NULL;
    char *padded = talloc_zero_size(ctx, SECRET_BYTES);
    for (size_t i = 0; i < len; i++)
        padded[i] = secret[i];
    return padded;
}

const char *transport_token_principal(const struct transport_http_options *options,
    const char *authorization)
{
    static const char scheme[] = "Bearer ";
    if (strncasecmp(authorization, scheme, sizeof scheme - 1) != 0)
        return NULL;
    const char *secret = authorization + sizeof scheme - 1;
    char *padded = pad_secret(NULL, secret + strspn(secret, " "));
    const char *found = NULL;
    for (const struct transport_token *token = options->tokens; padded && token->principal; token++)
        if (memeql_sec(padded, token->secret, SECRET_BYTES))
            found = token->principal;
    talloc_free(padded);
    return found;
}

bool transport_is_principal(const struct transport_http_options *options, const char *principal)
{
    const struct transport_token *token = options->tokens;
    if (!principal)
        return !token->principal;
    while (token->principal && strcmp(token->principal, principal) != 0)
        token++;
    return token->principal;
}

/* ---- the copy ---- */

static const char *const *copy_list(const void *ctx, const char *const *list)
{
    size_t count = 0;
    while (list && list[count])
        count++;
    const char **copy = talloc_zero_array(ctx, const char *, (unsigned)count + 1);
    for (size_t i = 0; i < count; i++)
        copy[i] = talloc_strdup(copy, list[i]);
    return copy;
}

static bool copy_tokens(const void *ctx, const struct transport_token *tokens,
    const struct transport_token **ret, struct error **ret_err)
{
    size_t count = 0;
    while (tokens && tokens[count].principal)
        count++;
    struct transport_token *copy =
        talloc_zero_array(ctx, struct transport_token, (unsigned)count + 1);
    for (size_t i = 0; i < count; i++) {
        char *secret = pad_secret(copy, tokens[i].secret);
        if (!secret)
            return error_raise(ret_err,
                error_hint(error_create(ctx, ERROR_CONFIG, "the token of %s has %zu bytes",
                               tokens[i].principal, strlen(tokens[i].secret)),
                    "a token has 1 to %d bytes; \"openssl rand -hex 32\" makes one", SECRET_BYTES));
        copy[i] = (struct transport_token){.principal = talloc_strdup(copy, tokens[i].principal),
            .secret = secret};
    }
    *ret = copy;
    return true;
}

struct transport_http_options *transport_options_copy(const void *ctx,
    const struct transport_http_options *options, struct error **ret_err)
{
    if (options->path[0] != '/') {
        error_raise(ret_err,
            error_hint(error_create(ctx, ERROR_CONFIG, "\"%s\" is no path", options->path),
                "a path starts with a slash, as in /mcp"));
        return NULL;
    }
    struct transport_http_options *copy = talloc(ctx, struct transport_http_options);
    *copy = *options;
    if (!copy_tokens(copy, options->tokens, &copy->tokens, ret_err)) {
        talloc_steal(ctx, *ret_err);
        talloc_free(copy);
        return NULL;
    }
    copy->path = talloc_strdup(copy, options->path);
    copy->allowed_hosts = copy_list(copy, options->allowed_hosts);
    copy->allowed_origins = copy_list(copy, options->allowed_origins);
    copy->http.certificate_file = talloc_strdup(copy, options->http.certificate_file);
    copy->http.key_file = talloc_strdup(copy, options->http.key_file);
    copy->http.certificate_place = talloc_strdup(copy, options->http.certificate_place);
    copy->http.key_place = talloc_strdup(copy, options->http.key_place);
    return copy;
}
