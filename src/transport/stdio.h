/*
 * MCP over stdin and stdout: one JSON message a line (MCP, Transports, stdio; all revisions).
 *
 * The reader never waits for a call: messages are handed on as they arrive, answers leave in the
 * order in which they are ready. Reading pauses only while the client does not take what was
 * written to it. The end of input ends the server: from a pipe or socket after 55 ms at most, in
 * which running calls may still answer; from a file, whose end is no farewell, after the last
 * answer.
 */
#ifndef PGPARLEY_TRANSPORT_STDIO_H
#define PGPARLEY_TRANSPORT_STDIO_H

#include "mcp/server.h"

/* Keeps the real stdout on a private descriptor and lets fd 1 be stderr, so that nothing that
 * prints can disturb the messages. Call it before anything else opens a descriptor. */
void transport_stdio_claim(void);

/*
 * Starts serving; `ended` runs once, on the main stack, when input is over (or transport_stdio_stop
 * was called), every call has ended or was cancelled, and output is flushed or given up.
 */
struct transport_stdio;
struct transport_stdio *transport_stdio_start(const void *ctx, struct mcp_server *server,
    size_t max_message_bytes, void (*ended)(void));

/* Cancels what runs and ends; for signals. */
void transport_stdio_stop(struct transport_stdio *transport);

#endif
