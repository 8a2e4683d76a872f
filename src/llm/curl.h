/* libcurl, loaded when it is first needed. */
#ifndef PGPARLEY_LLM_CURL_H
#define PGPARLEY_LLM_CURL_H

#include "base/error.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#define LLM_CURL_FUNCTIONS(X) \
    X(global_init)            \
    X(easy_init)              \
    X(easy_setopt)            \
    X(easy_getinfo)           \
    X(easy_strerror)          \
    X(easy_cleanup)           \
    X(multi_init)             \
    X(multi_setopt)           \
    X(multi_assign)           \
    X(multi_add_handle)       \
    X(multi_remove_handle)    \
    X(multi_socket_action)    \
    X(multi_info_read)        \
    X(multi_cleanup)          \
    X(slist_append)           \
    X(slist_free_all)

/* curl.easy_init is curl_easy_init(), and so on. */
struct llm_curl {
#define MEMBER(name) typeof(curl_##name) *(name);
    LLM_CURL_FUNCTIONS(MEMBER)
#undef MEMBER
};
extern struct llm_curl llm_curl;

must_use bool llm_curl_load(const void *ctx, struct error **ret_err);

#endif
