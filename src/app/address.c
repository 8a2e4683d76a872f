/* Addresses to listen on; see address.h. */
#include "app/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <talloc.h>

static const char UNIX[] = "unix:";

static bool is_number(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == '\0';
}

bool app_address_is_meant(const char *word)
{
    return *word != '-' && !config_is_connection_string(word) &&
           (strpbrk(word, ":.") || is_number(word) || strcmp(word, "localhost") == 0);
}

static struct error *malformed(const void *ctx, const char *text)
{
    return error_hint(error_create(ctx, ERROR_CONFIG, "\"%s\" is no address to listen on", text),
        "write ADDR:PORT, as in 127.0.0.1:8765 or [::1]:8765, or unix:PATH");
}

/* Cuts the port off `host`; the colons of a lone IPv6 address separate none. */
static char *cut_port(char *host)
{
    char *colon = strrchr(host, ':');
    if (!colon)
        return is_number(host) ? host : NULL;
    if (colon != strchr(host, ':') && colon[-1] != ']')
        return NULL;
    *colon = '\0';
    return colon + 1;
}

bool app_address_read(const void *ctx, const char *text, const struct config_mcp *mcp,
    struct app_address *ret, struct error **ret_err)
{
    if (!*text && mcp->socket) {
        *ret = (struct app_address){.socket = talloc_strdup(ctx, mcp->socket)};
        return true;
    }
    if (strncmp(text, UNIX, sizeof UNIX - 1) == 0) {
        const char *path = text + sizeof UNIX - 1;
        if (*path != '/' || strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path)
            return error_raise(ret_err, error_hint(error_create(ctx, ERROR_CONFIG,
                                                       "\"%s\" is no socket to listen on", text),
                                            "write unix: and an absolute path of at most %zu bytes",
                                            sizeof((struct sockaddr_un *)0)->sun_path - 1));
        *ret = (struct app_address){.socket = talloc_strdup(ctx, path)};
        return true;
    }
    char *host = talloc_strdup(ctx, text);
    const char *port = cut_port(host);
    long number = mcp->port;
    if (port && (!is_number(port) || (number = strtol(port, NULL, 10)) > 65535))
        return error_raise(ret_err, malformed(ctx, text));
    if (port == host)
        *host = '\0';
    size_t len = strlen(host);
    if (*host == '[' && host[len - 1] == ']') {
        host[len - 1] = '\0';
        host++;
    }
    if (strpbrk(host, "[]/ "))
        return error_raise(ret_err, malformed(ctx, text));
    *ret = (struct app_address){
        .host = *host ? host : talloc_strdup(ctx, mcp->host),
        .port = (int)number,
    };
    return true;
}

bool app_address_of(const void *ctx, int fd, struct app_address *ret)
{
    union {
        struct sockaddr_storage storage;
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_un un;
    } address = {0};
    int type = 0, listens = 0;
    socklen_t size = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_STREAM ||
        getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0 || !listens)
        return false;
    size = sizeof address.storage - 1;
    if (getsockname(fd, &address.any, &size) < 0)
        return false;
    char text[INET6_ADDRSTRLEN] = "";
    switch (address.any.sa_family) {
    case AF_UNIX:
        /* A name in the abstract namespace begins with a NUL; people write it with "@". */
        if (!*address.un.sun_path)
            *address.un.sun_path = '@';
        *ret = (struct app_address){.socket = talloc_strdup(ctx, address.un.sun_path)};
        return true;
    case AF_INET:
        inet_ntop(AF_INET, &address.in.sin_addr, text, sizeof text);
        break;
    case AF_INET6:
        inet_ntop(AF_INET6, &address.in6.sin6_addr, text, sizeof text);
        break;
    default:
        return false;
    }
    /* The port is at the same place in both. */
    *ret =
        (struct app_address){.host = talloc_strdup(ctx, text), .port = ntohs(address.in.sin_port)};
    return true;
}

bool app_address_is_local(const struct app_address *address)
{
    struct in_addr in;
    struct in6_addr in6;
    if (address->socket || strcasecmp(address->host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, address->host, &in) == 1)
        return ntohl(in.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, address->host, &in6) == 1 && IN6_IS_ADDR_LOOPBACK(&in6);
}

char *app_address_text(const void *ctx, const struct app_address *address,
    const struct config_mcp *mcp)
{
    if (address->socket)
        return talloc_asprintf(ctx, "%s%s", UNIX, address->socket);
    bool is_v6 = strchr(address->host, ':');
    return talloc_asprintf(ctx, "%s://%s%s%s:%d%s", mcp->tls_certificate ? "https" : "http",
        is_v6 ? "[" : "", address->host, is_v6 ? "]" : "", address->port, mcp->path);
}

bool app_address_admit(const void *ctx, const struct app_address *address,
    const struct config_mcp *mcp, struct error **ret_err)
{
    if (app_address_is_local(address) || mcp->tokens.count > 0 || mcp->allow_unauthenticated)
        return true;
    struct error *error = error_create(ctx, ERROR_CONFIG,
        "%s would let everybody in who can reach it", app_address_text(ctx, address, mcp));
    return error_raise(ret_err,
        error_hint(error, "set mcp.tokens or mcp.tokens_file (\"openssl rand -hex 32\" makes a "
                          "token), or mcp.allow_unauthenticated: true when something in front "
                          "asks who comes"));
}

char *app_address_risk(const void *ctx, const struct app_address *address,
    const struct config_mcp *mcp)
{
    if (app_address_is_local(address))
        return NULL;
    const char *text = app_address_text(ctx, address, mcp);
    if (mcp->tokens.count == 0)
        return talloc_asprintf(ctx,
            "%s lets everybody in who can reach it "
            "(mcp.allow_unauthenticated)",
            text);
    if (mcp->tls_certificate)
        return NULL;
    return talloc_asprintf(ctx,
        "tokens and data come to %s in plain text: set mcp.tls_certificate and mcp.tls_key, or "
        "listen on 127.0.0.1 behind a proxy that speaks TLS",
        text);
}
