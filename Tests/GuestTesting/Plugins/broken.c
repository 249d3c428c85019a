// SPDX-License-Identifier: Apache-2.0
/* Libraries that cannot be used, one per macro. */
#include <impresario/plugin.h>
#include <stdlib.h>
#include <unistd.h>

#define S(text) imp_str_of(text)
#define HIDDEN __attribute__((visibility("hidden")))

#ifdef EXIT_IN_CONSTRUCTOR
__attribute__((constructor)) static void constructor(void) { exit(3); }
#endif
#ifdef CRASH_IN_CONSTRUCTOR
__attribute__((constructor)) static void constructor(void) { abort(); }
#endif
#ifdef HANG_IN_CONSTRUCTOR
__attribute__((constructor)) static void constructor(void) { for (;;) pause(); }
#endif

#ifndef NO_ENTRY
static imp_status verb(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    return IMP_OK;
}

static const imp_host *host;
static imp_status init(const imp_host *h, imp_call *call) {
    host = h;
#ifdef FAIL_INIT
    imp_problem problem = {.struct_size = sizeof problem, .message = S("not today")};
    return host->fail(call, IMP_UNAVAILABLE, &problem);
#else
    (void)call;
    return IMP_OK;
#endif
}

#ifndef SCHEMA
#define SCHEMA "{\"type\":\"object\"}"
#endif
#ifndef ID
#define ID "broken"
#endif
#ifndef DEFAULT
#define DEFAULT "1"
#endif

static const imp_param param = {.struct_size = sizeof(imp_param), .type = IMP_U32, .flags = IMP_P_OPTIONAL, .name = "n", .default_json = DEFAULT};
static const imp_param *const params[] = {&param};
static const imp_op op = {.struct_size = sizeof(imp_op), .id = "op", .summary = "x", .fn = (void (*)(void))verb, .params = params, .nparams = 1};
static const imp_op *const ops[] = {&op};
static const imp_type type = {
    .struct_size = sizeof(imp_type),
    .id = ID,
    .name = "Broken",
    .summary = "x",
    .create_schema = SCHEMA,
    .validate = verb,
    .plan = verb,
    .bootstrap = verb,
    .health = verb,
#ifndef NO_DESTROY
    .destroy = verb,
#endif
    .ops = ops,
    .nops = 1,
};
#ifdef TWICE
static const imp_type *const types[] = {&type, &type};
#else
static const imp_type *const types[] = {&type};
#endif
static const imp_plugin plugin = {
#ifdef SMALL
    .struct_size = 8,
#else
    .struct_size = sizeof(imp_plugin),
#endif
#ifdef NEWER
    .min_host_minor = 1000,
#endif
    .id = "broken",
    .version = "1.0.0",
    .vendor = "Tests",
    .license = "Apache-2.0",
    .types = types,
    .ntypes = sizeof types / sizeof *types,
    .init = init,
};

const imp_plugin *imp_plugin_v0(uint32_t host_minor) {
    (void)host_minor;
#ifdef ANSWERS_NULL
    return NULL;
#endif
    return &plugin;
}
#else
int nothing_here;
#endif
