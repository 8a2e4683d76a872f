/* Where requests go, and what may travel there; see internal.h. */
#include "llm/internal.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

static const char path_of_chat[] = "/chat/completions";

static bool is_visible(const char *text)
{
    for (; *text; text++) {
        if (*text <= ' ' || *text > '~')
            return false;
    }
    return true;
}

/* "name", "name:port" or "[address]:port". */
static bool is_authority(const char *text)
{
    size_t len = *text == '[' ? strcspn(text, "]")
                              : strspn(text, "-._abcdefghijklmnopqrstuvwxyz"
                                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                             "0123456789");
    const char *rest = text + len;
    if (*text == '[') {
        if (len < 3 || strspn(text + 1, "0123456789abcdefABCDEF:.") != len - 1 || *rest++ != ']')
            return false;
    }
    if (len == 0 || !*rest)
        return len > 0;
    long port = *rest == ':' && isdigit((unsigned char)rest[1]) ? strtol(rest + 1, NULL, 10) : 0;
    return port > 0 && port <= 65535 && !rest[1 + strspn(rest + 1, "0123456789")];
}

static bool is_this_machine(const char *authority)
{
    char host[256];
    struct in_addr address;
    if (strncmp(authority, "[::1]", 5) == 0)
        return true;
    size_t len = strcspn(authority, ":");
    if (len >= sizeof host)
        return false;
    memcpy(host, authority, len);
    host[len] = '\0';
    return strcasecmp(host, "localhost") == 0 ||
           (strncmp(host, "127.", 4) == 0 && inet_pton(AF_INET, host, &address) == 1);
}

static struct error *bad_url(const void *ctx, const char *why, const char *hint)
{
    return error_hint(error_create(ctx, ERROR_CONFIG, "llm.base_url %s", why), "%s", hint);
}

static struct error *read_url(struct llm_endpoint *e, const void *ctx, const char *url,
    bool *ret_tls)
{
    bool tls = strncasecmp(url, "https://", 8) == 0;
    if ((!tls && strncasecmp(url, "http://", 7) != 0) || !is_visible(url))
        return bad_url(ctx, "is not an address of the web",
            "write it as https://api.example.com/v1");
    const char *authority = url + (tls ? 8 : 7);
    const char *path = authority + strcspn(authority, "/?#");
    const char *query = path + strcspn(path, "?#");
    if (memchr(authority, '@', (size_t)(path - authority)))
        return bad_url(ctx, "holds a user name or a password",
            "give the service's key as llm.api_key");
    e->host = talloc_strndup(ctx, authority, (size_t)(path - authority));
    if (!is_authority(e->host))
        return bad_url(ctx, "has no usable host", "write it as https://api.example.com/v1");
    size_t len = (size_t)(query - path);
    while (len > 0 && path[len - 1] == '/')
        len--;
    const size_t known = sizeof path_of_chat - 1;
    bool complete = len >= known && strncmp(path + len - known, path_of_chat, known) == 0;
    e->url = talloc_asprintf(ctx, "%s://%s%.*s%s%.*s", tls ? "https" : "http", e->host, (int)len,
        path, complete ? "" : path_of_chat, (int)strcspn(query, "#"), query);
    *ret_tls = tls;
    return NULL;
}

static int wipe(char *secret)
{
    explicit_bzero(secret, talloc_get_size(secret));
    return 0;
}

bool llm_endpoint_init(struct llm_endpoint *endpoint, const void *ctx,
    const struct llm_options *options, struct error **ret_err)
{
    bool tls = false;
    struct error *error = read_url(endpoint, ctx, options->base_url, &tls);
    const char *key = options->api_key && *options->api_key ? options->api_key : NULL;
    if (!error && key && !is_visible(key))
        error = error_hint(
            error_create(ctx, ERROR_CONFIG, "llm.api_key has characters that no header can carry"),
            "look for blanks and line breaks in it");
    if (!error && key && !tls && !is_this_machine(endpoint->host) && !options->allow_plain_http)
        error = bad_url(ctx, "would send the key to another machine in plain text",
            "use https, or set llm.allow_plain_http: true when the network on the way is yours");
    if (error)
        return error_raise(ret_err, error);
    if (key) {
        endpoint->api_key = talloc_strdup(ctx, key);
        talloc_set_destructor(endpoint->api_key, wipe);
    }
    return true;
}
