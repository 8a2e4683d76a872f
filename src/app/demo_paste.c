/* Configurations of AI clients; see demo_paste.h. */
#include "app/demo_paste.h"

#include "app/demo_show.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* The name that clients show for the server. */
#define SERVER_NAME "pgparley-demo"

/* {"<key>": {"pgparley-demo": {command, args}}}; VS Code wants the type named as well. */
static void show_json(const char *key, const char *type, const char *program, const char *config)
{
    json_t *server = json_pack("{s:s*, s:s, s:[s, s, s, s]}", "type", type, "command", program,
        "args", "serve", "--stdio", "--config", config);
    json_t *file = json_pack("{s:{s:o}}", key, SERVER_NAME, server);
    char *text = json_dumps(file, JSON_INDENT(2));
    demo_show_paste(text ? text : "(a path is not UTF-8 and cannot be written as JSON)");
    free(text);
    json_decref(file);
}

/* The word as a shell reads it back. */
static char *shell_word(const void *ctx, const char *word)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@:,";
    if (word[strspn(word, plain)] == '\0')
        return talloc_strdup(ctx, word);
    char *quoted = talloc_strdup(ctx, "'");
    for (; *word; word++)
        quoted = *word == '\'' ? talloc_strdup_append(quoted, "'\\''")
                               : talloc_strndup_append(quoted, word, 1);
    return talloc_strdup_append(quoted, "'");
}

void demo_paste_show(const void *ctx, const char *program, const char *config)
{
    char *command = talloc_asprintf(ctx, "%s serve --stdio --config %s", shell_word(ctx, program),
        shell_word(ctx, config));

    demo_show_heading("Claude Code");
    demo_show_paste(talloc_asprintf(ctx, "claude mcp add " SERVER_NAME " -- %s", command));

    demo_show_heading("Claude Desktop (claude_desktop_config.json), Cursor (.cursor/mcp.json), "
                      "Claude Code (.mcp.json)");
    show_json("mcpServers", NULL, program, config);

    demo_show_heading("VS Code (.vscode/mcp.json)");
    show_json("servers", "stdio", program, config);

    demo_show_heading("Any other client: a stdio server with this command");
    demo_show_paste(command);
}
