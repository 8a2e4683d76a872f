/*
 * Connections: caps, deadlines, and clients that go.
 *
 * MHD reads and writes and closes the descriptor; all that is done to it here is shutdown(), upon
 * which MHD closes it as if the client had. Between the connections' own timers and MHD's epoll set
 * there is a second set that asks for EPOLLRDHUP alone: MHD does not look at suspended connections.
 */
#include "http/internal.h"

#include "base/log.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <talloc.h>
#include <unistd.h>
#include <utlist.h>

/* Who is connected how often: an IPv4 address, or the /64 of an IPv6 address. */
struct address {
    unsigned char key[16];
    size_t connections;
    UT_hash_handle hh;
};

/* ---- addresses ---- */

/* The key of a socket address and its text; false for unix sockets. */
static bool read_address(const struct sockaddr *address, unsigned char key[16], char *text,
    size_t size)
{
    memset(key, 0, 16);
    snprintf(text, size, "unix");
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)address;
        memcpy(key + 12, &in->sin_addr, 4);
        return inet_ntop(AF_INET, &in->sin_addr, text, (socklen_t)size) != NULL;
    }
    if (address->sa_family != AF_INET6)
        return false;
    const struct sockaddr_in6 *in6 = (const void *)address;
    if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
        memcpy(key + 12, in6->sin6_addr.s6_addr + 12, 4);
        return inet_ntop(AF_INET, in6->sin6_addr.s6_addr + 12, text, (socklen_t)size) != NULL;
    }
    memcpy(key, &in6->sin6_addr, 8);
    return inet_ntop(AF_INET6, &in6->sin6_addr, text, (socklen_t)size) != NULL;
}

/* Counts one connection more; NULL when there are too many. */
static struct address *address_take(struct http_server *server, const unsigned char key[16])
{
    size_t max = server->engines->options.max_connections_per_address;
    struct address *address = NULL;
    HASH_FIND(hh, server->addresses, key, sizeof address->key, address);
    if (address && max > 0 && address->connections >= max)
        return NULL;
    if (!address) {
        address = talloc_zero(server, struct address);
        memcpy(address->key, key, sizeof address->key);
        HASH_ADD(hh, server->addresses, key, sizeof address->key, address);
    }
    address->connections++;
    return address;
}

static void address_give(struct http_server *server, struct address *address)
{
    if (!address || --address->connections > 0)
        return;
    HASH_DEL(server->addresses, address);
    talloc_free(address);
}

/* ---- deadlines ---- */

static void on_deadline(struct rt_timer *timer)
{
    struct connection *connection = rt_owner(timer, struct connection, timer);
    if (rt_now() < connection->deadline) {
        rt_timer_arm(timer, connection->deadline, on_deadline);
        return;
    }
    bool reading = connection->phase == PHASE_HEADERS || connection->phase == PHASE_BODY;
    if (reading && !connection->engine->tls)
        http_refuse_raw(connection->fd, "408 Request Timeout",
            connection->phase == PHASE_HEADERS ? "The headers did not arrive in time."
                                               : "The body did not arrive in time.");
    if (connection->phase == PHASE_WRITING) {
        /* The kernel forgets what the client did not take. */
        struct linger at_once = {.l_onoff = 1, .l_linger = 0};
        setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    http_connection_cut(connection);
}

static int64_t phase_ms(const struct connection *connection)
{
    const struct http_options *options = &connection->engine->options;
    switch (connection->phase) {
    case PHASE_HEADERS:
        return options->header_timeout_ms;
    case PHASE_BODY:
        return options->body_timeout_ms;
    case PHASE_WRITING:
        return options->write_timeout_ms;
    case PHASE_IDLE:
        return options->idle_timeout_ms;
    case PHASE_WAITING:
        break;
    }
    return 0;
}

void http_connection_progress(struct connection *connection)
{
    int64_t ms = phase_ms(connection);
    connection->deadline = ms > 0 ? rt_deadline(ms) : RT_FOREVER;
    /* A timer that rings too early is cheaper than one that is set twice for each request. */
    if (connection->timer.slot == 0 || connection->deadline < connection->timer.deadline)
        rt_timer_arm(&connection->timer, connection->deadline, on_deadline);
}

void http_connection_phase(struct connection *connection, enum phase phase)
{
    connection->phase = phase;
    http_connection_progress(connection);
}

/* ---- the end ---- */

void http_connection_cut(struct connection *connection)
{
    if (connection->cut)
        return;
    connection->cut = true;
    shutdown(connection->fd, SHUT_RDWR);
}

void http_connection_cut_idle(struct connection *connection)
{
    int waiting = 0;
    if (connection->request || (ioctl(connection->fd, FIONREAD, &waiting) == 0 && waiting > 0))
        return;
    http_connection_cut(connection);
}

void http_connection_hangups(struct http_server *server)
{
    struct epoll_event events[64];
    int count = epoll_wait(server->hangups, events, 64, 0);
    for (int i = 0; i < count; i++) {
        struct connection *connection = events[i].data.ptr;
        connection->hung_up = true;
        /* MHD reads once for each edge: what it read may have come together with the end, which
         * this makes it see. */
        shutdown(connection->fd, SHUT_RD);
        if (connection->request)
            http_request_hang_up(connection->request);
    }
}

static void connection_free(struct connection *connection)
{
    struct http_server *server = connection->server;
    rt_timer_disarm(&connection->timer);
    address_give(server, connection->address);
    if (--connection->engine->connections == 0)
        http_server_wake(server); /* which stops an engine that is not used any more */
    server->connection_count--;
    DL_DELETE(server->connections, connection);
    talloc_free(connection);
}

/* ---- the beginning ---- */

struct connection *http_connection_of(struct MHD_Connection *mhd)
{
    return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* The connection that was given to MHD as `fd`: one of the newest. */
static struct connection *find_new(struct http_server *server, int fd)
{
    struct connection *first = server->connections;
    for (struct connection *at = first ? first->prev : NULL; at; at = at->prev) {
        if (at->fd == fd && !at->mhd)
            return at;
        if (at == first)
            break;
    }
    return NULL;
}

void http_connection_notify(void *cls, struct MHD_Connection *mhd, void **socket_context,
    enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        int fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        struct connection *connection = find_new(server, fd);
        assert(connection);
        connection->mhd = mhd;
        *socket_context = connection;
    } else {
        connection_free(*socket_context);
    }
}

static void refuse_connection(struct http_server *server, int fd, const char *text)
{
    if (!server->engines->tls)
        http_refuse_raw(fd, "503 Service Unavailable", text);
    close(fd);
}

void http_connection_open(struct http_server *server, int fd, const struct sockaddr *peer,
    socklen_t length)
{
    struct engine *engine = server->engines;
    unsigned char key[16];
    char text[sizeof server->connections->peer];
    bool counted = read_address(peer, key, text, sizeof text);
    if (server->connection_count >= engine->options.max_connections) {
        log_debug("%s: refused, there are %zu connections", text, server->connection_count);
        refuse_connection(server, fd, "There are too many connections to this server.");
        return;
    }
    struct address *address = counted ? address_take(server, key) : NULL;
    if (counted && !address) {
        log_debug("%s: refused, too many connections from there", text);
        refuse_connection(server, fd, "There are too many connections from your address.");
        return;
    }
    struct connection *connection = talloc_zero(NULL, struct connection);
    connection->server = server;
    connection->engine = engine;
    connection->fd = fd;
    connection->address = address;
    memcpy(connection->peer, text, sizeof text);
    DL_APPEND(server->connections, connection);
    server->connection_count++;
    engine->connections++;

    struct epoll_event event = {.events = EPOLLRDHUP | EPOLLET, .data.ptr = connection};
    epoll_ctl(server->hangups, EPOLL_CTL_ADD, fd, &event);
    http_connection_phase(connection, PHASE_HEADERS);
    /* Libmicrohttpd 1.0 says in its next run that it has begun, older ones at once. */
    if (MHD_add_connection(engine->mhd, fd, peer, length) == MHD_NO) {
        connection = find_new(server, fd);
        if (connection) /* it was closed before it began */
            connection_free(connection);
    }
}
