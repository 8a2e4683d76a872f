/* How many tokens a text is, without anybody's vocabulary; see context.h. */
#include "nl2sql/context.h"

#include <ctype.h>

size_t nl2sql_tokens(const char *text, size_t len)
{
    double tokens = 0;
    for (size_t i = 0; i < len;) {
        size_t begin = i;
        if (isalpha((unsigned char)text[i])) {
            while (i < len && islower((unsigned char)text[++i]))
                ;
            tokens += 1 + (double)(i - begin) / 16;
        } else if (isdigit((unsigned char)text[i])) {
            while (i < len && isdigit((unsigned char)text[i]))
                i++;
            size_t groups = (i - begin + 2) / 3;
            tokens += (double)groups;
        } else if (text[i] == ' ') {
            i++;
        } else {
            tokens += text[i] == '_' ? 0.2 : 0.8;
            i++;
        }
    }
    return (size_t)tokens + 1;
}
