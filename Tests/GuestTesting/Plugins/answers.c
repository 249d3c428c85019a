// SPDX-License-Identifier: Apache-2.0
/* A plugin for tests: each verb answers the object that stands under "answer" in the document, as a test wrote it. */
#include <impresario/plugin.h>

static const imp_host *host;

static imp_status answer(imp_call *call, imp_str in, imp_out *out) {
    (void)call;
    static const char key[] = "\"answer\":";
    const char *at = memmem(in.ptr, in.len, key, sizeof key - 1);
    if (!at) return IMP_OK;
    at += sizeof key - 1;
    int depth = 0;
    for (const char *end = at; end < in.ptr + in.len; end++) { /* no braces in texts */
        if (*end == '{') depth++;
        if (*end == '}' && --depth == 0) return host->out_write(out, at, (size_t)(end + 1 - at));
    }
    return IMP_INTERNAL;
}

static const imp_type type = {
    .struct_size = sizeof(imp_type), .id = "probe", .name = "Answers", .summary = "For tests", .create_schema = "{\"type\":\"object\"}",
    .validate = answer, .plan = answer, .bootstrap = answer, .join = answer, .leave = answer, .health = answer, .credentials = answer,
    .revoke = answer, .configure = answer, .upgrade = answer, .migrate = answer, .destroy = answer,
};
static const imp_type *const types[] = {&type};

static imp_status init(const imp_host *h, imp_call *call) {
    (void)call;
    host = h;
    return IMP_OK;
}

static const imp_plugin plugin = {.struct_size = sizeof(imp_plugin), .id = "answers", .version = "1.0.0", .vendor = "Tests",
                                  .license = "Apache-2.0", .types = types, .ntypes = 1, .init = init};

IMP_EXPORT const imp_plugin *imp_plugin_v0(uint32_t host_minor) {
    (void)host_minor;
    return &plugin;
}
