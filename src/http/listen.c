/* Listening sockets: TCP, unix, and those that somebody else has opened. */
#include "http/internal.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <talloc.h>
#include <unistd.h>
#include <utlist.h>

enum {
    BACKLOG = 1024,
    ACCEPTS_PER_TURN = 64,
    PAUSE_MS = 100,
};

union socket_address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
    struct sockaddr_storage storage;
};

/* ---- accepting ---- */

static void on_accept(uv_poll_t *poll, int status, int events);

static void resume_accepting(struct rt_timer *timer)
{
    struct http_server *server = rt_owner(timer, struct http_server, accept_again);
    struct listener *listener;
    LL_FOREACH(server->listeners, listener)
        uv_poll_start(&listener->poll, UV_READABLE, on_accept);
}

/* Without a free descriptor a client in the backlog would keep the loop busy. */
static void pause_accepting(struct http_server *server)
{
    log_warning("cannot accept connections: %s; trying again in %d ms", strerror(errno), PAUSE_MS);
    struct listener *listener;
    LL_FOREACH(server->listeners, listener)
        uv_poll_stop(&listener->poll);
    rt_timer_arm(&server->accept_again, rt_deadline(PAUSE_MS), resume_accepting);
}

static void on_accept(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    struct listener *listener = poll->data;
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        union socket_address peer = {0};
        socklen_t length = sizeof peer;
        int fd = accept4(listener->fd, &peer.any, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            http_connection_open(listener->server, fd, &peer.any, length);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            pause_accepting(listener->server);
            return;
        } else if (errno == EAGAIN) {
            return;
        } /* otherwise that client has gone already */
    }
}

/* ---- the end ---- */

static void on_closed(uv_handle_t *handle)
{
    talloc_free(handle->data);
}

static void listener_close(struct listener *listener)
{
    struct stat info;
    if (listener->unix_path && lstat(listener->unix_path, &info) == 0 &&
        info.st_ino == listener->inode)
        unlink(listener->unix_path); /* it is still ours */
    uv_poll_stop(&listener->poll);
    close(listener->fd);
    uv_close((uv_handle_t *)&listener->poll, on_closed);
}

void http_listeners_close(struct http_server *server)
{
    rt_timer_disarm(&server->accept_again);
    struct listener *listener, *next;
    LL_FOREACH_SAFE(server->listeners, listener, next)
        listener_close(listener);
    server->listeners = NULL;
}

/* ---- the beginning ---- */

static struct listener *listener_add(struct http_server *server, int fd)
{
    struct listener *listener = talloc_zero(NULL, struct listener);
    listener->server = server;
    listener->fd = fd;
    uv_poll_init(rt_loop(), &listener->poll, fd);
    listener->poll.data = listener;
    uv_poll_start(&listener->poll, UV_READABLE, on_accept);
    LL_APPEND(server->listeners, listener);
    return listener;
}

/* 0 for sockets without ports. */
static int port_of(int fd)
{
    union socket_address address = {0};
    socklen_t length = sizeof address;
    if (getsockname(fd, &address.any, &length) != 0)
        return 0;
    if (address.any.sa_family == AF_INET)
        return ntohs(address.in.sin_port);
    return address.any.sa_family == AF_INET6 ? ntohs(address.in6.sin6_port) : 0;
}

/* A bound and listening socket, or -1 with errno. `port` replaces that of the address. */
static int open_tcp(const struct addrinfo *info, int port, bool only_v6)
{
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    union socket_address address = {0};
    memcpy(&address, info->ai_addr, info->ai_addrlen);
    /* The port is at the same place in both. */
    address.in.sin_port = htons((uint16_t)port);
    int on = 1, v6 = only_v6;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (info->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6, sizeof v6);
    /* What is accepted inherits both. Keep-alive finds clients who went without a word. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    if (bind(fd, &address.any, info->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        int failure = errno;
        close(fd);
        errno = failure;
        return -1;
    }
    return fd;
}

static struct error *listen_error(const void *ctx, const char *host, int port, int failure)
{
    struct error *error = error_create(ctx, ERROR_CONFIG, "cannot listen on %s, port %d: %s", host,
        port, strerror(failure));
    if (failure == EADDRINUSE)
        error_hint(error, "another program listens there; stop it, or choose another port");
    else if (failure == EADDRNOTAVAIL)
        error_hint(error, "the host must be an address of this machine");
    else if (failure == EACCES)
        error_hint(error, "ports below 1024 need CAP_NET_BIND_SERVICE; choose a higher one");
    return error;
}

bool http_server_listen(struct http_server *server, const char *host, int port,
    struct error **ret_err)
{
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    int rc = getaddrinfo(strcmp(host, "*") == 0 ? NULL : host, "0", &wanted, &found);
    if (rc != 0)
        return error_raise(ret_err,
            error_hint(error_create(server, ERROR_CONFIG, "cannot resolve the host \"%s\": %s",
                           host, gai_strerror(rc)),
                "give an address of this machine, such as 127.0.0.1"));
    int failure = 0, absent = 0;
    size_t opened = 0;
    for (struct addrinfo *info = found; info; info = info->ai_next) {
        int fd = open_tcp(info, port, found->ai_next != NULL);
        if (fd < 0) {
            /* A machine without IPv6 has names with IPv6 addresses all the same. */
            bool no_such = errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT;
            *(no_such ? &absent : &failure) = errno;
            continue;
        }
        opened++;
        listener_add(server, fd);
        port = port_of(fd);
        if (server->port == 0)
            server->port = port;
    }
    freeaddrinfo(found);
    if (opened == 0 && failure == 0)
        failure = absent;
    return failure == 0 || error_raise(ret_err, listen_error(server, host, port, failure));
}

/* Removes a socket file that nobody listens on; false when there is something else. */
static bool clear_path(const void *ctx, const union socket_address *address, socklen_t length,
    struct error **ret_err)
{
    struct stat info;
    const char *path = address->un.sun_path;
    if (lstat(path, &info) != 0)
        return true; /* bind() says what is wrong, if anything is */
    if (!S_ISSOCK(info.st_mode))
        return error_raise(ret_err,
            error_hint(error_create(ctx, ERROR_CONFIG, "%s exists and is no socket", path),
                "choose another path, or remove the file"));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool stale = connect(fd, &address->any, length) != 0 && errno == ECONNREFUSED;
    close(fd);
    if (!stale)
        return error_raise(ret_err,
            error_hint(error_create(ctx, ERROR_CONFIG, "another program listens on %s", path),
                "stop it, or choose another path"));
    unlink(path);
    return true;
}

bool http_server_listen_unix(struct http_server *server, const char *path, unsigned mode,
    struct error **ret_err)
{
    union socket_address address = {.un.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof address.un.sun_path)
        return error_raise(ret_err,
            error_create(server, ERROR_CONFIG, "the path of a unix socket has 1 to %zu bytes: %s",
                sizeof address.un.sun_path - 1, path));
    memcpy(address.un.sun_path, path, len + 1);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
    if (!clear_path(server, &address, length, ret_err))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    /* Nobody may connect before the mode is what it should be. */
    mode_t before = umask(0777);
    bool bound = fd >= 0 && bind(fd, &address.any, length) == 0;
    umask(before);
    struct stat info = {0};
    if (!bound || chmod(path, (mode_t)mode) != 0 || listen(fd, BACKLOG) != 0 ||
        lstat(path, &info) != 0) {
        struct error *error =
            error_create(server, ERROR_CONFIG, "cannot listen on %s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return error_raise(ret_err, error);
    }
    struct listener *listener = listener_add(server, fd);
    listener->unix_path = talloc_strdup(listener, path);
    listener->inode = info.st_ino;
    return true;
}

bool http_server_adopt(struct http_server *server, int fd, struct error **ret_err)
{
    int listening = 0;
    socklen_t length = sizeof listening;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) != 0 || !listening)
        return error_raise(ret_err,
            error_hint(error_create(server, ERROR_CONFIG,
                           "descriptor %d is not a listening stream socket", fd),
                "socket units need ListenStream= and Accept=no"));
    int on = 1;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    if (port_of(fd) > 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
        if (server->port == 0)
            server->port = port_of(fd);
    }
    listener_add(server, fd);
    return true;
}
