/*
 * libcurl brings a dozen libraries along, and linking to it would make every start by a third
 * slower, also of servers that are never asked a question. So it is loaded with the first one.
 */
#include "llm/curl.h"

#include "rt/rt.h"

#include <dlfcn.h>

struct llm_curl llm_curl;

struct loading {
    const char *problem; /* NULL = loaded */
};

static void *open_library(void)
{
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    return library ? library : dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
}

static void load(void *arg)
{
    struct loading *loading = arg;
    void *library = open_library();
    if (!library) {
        loading->problem = dlerror();
        return;
    }
#define LOAD(name)                                                        \
    llm_curl.name = (typeof(llm_curl.name))dlsym(library, "curl_" #name); \
    if (!llm_curl.name)                                                   \
        loading->problem = "it is too old: the function curl_" #name " is missing";
    LLM_CURL_FUNCTIONS(LOAD)
#undef LOAD
    if (!loading->problem && llm_curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        loading->problem = "it cannot be initialised";
}

bool llm_curl_load(const void *ctx, struct error **ret_err)
{
    static bool loaded;
    struct loading loading = {0};
    if (!loaded)
        rt_run_on_main(load, &loading);
    loaded = !loading.problem;
    if (loaded)
        return true;
    struct error *error = error_create(ctx, ERROR_INTERNAL, "libcurl cannot be loaded");
    error_detail(error, "%s", loading.problem);
    return error_raise(ret_err,
        error_hint(error, "install it, on Debian and Ubuntu as the package libcurl4"));
}
