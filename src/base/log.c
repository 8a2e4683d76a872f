/* Lines for the operator; see log.h. One write() a line, so that lines never mix. */
#include "base/log.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum log_level threshold = LOG_LEVEL_WARNING;

void log_set_level(enum log_level level)
{
    threshold = level;
}

/* Names and queries of strangers stand in lines, which an operator reads on a terminal. */
static void tame(char *line, size_t len)
{
    for (size_t i = 0, n; i < len; i += n) {
        bool plain;
        n = text_step(line + i, len - i, &plain);
        if (!plain && line[i] != '\n' && line[i] != '\t')
            memset(line + i, '?', n);
    }
}

void log_write(enum log_level level, const char *format, ...)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    if (level > threshold)
        return;
    char line[2048];
    size_t len = (size_t)snprintf(line, sizeof line, "pgparley: %s: ", names[level]);
    va_list args;
    va_start(args, format);
    int more = vsnprintf(line + len, sizeof line - len, format, args);
    va_end(args);
    len += more < 0 ? 0 : (size_t)more;
    if (len > sizeof line - 1)
        len = sizeof line - 1;
    tame(line, len);
    line[len++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, line, len);
    (void)ignored;
}
