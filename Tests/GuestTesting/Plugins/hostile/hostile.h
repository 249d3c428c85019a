/* SPDX-License-Identifier: Apache-2.0
 *
 * A valid plugin around one hostile behaviour. NAME, its id, is the file's name and comes from the compiler's command line; each file defines
 * attack(), which is every verb, or before this header ON_ENTRY or ON_INIT, a statement. What was tried and refused is told as
 * `<id>.held`, what worked as `<id>.escaped`. */
#include <errno.h>
#include <fcntl.h>
#include <impresario/plugin.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static const imp_host *host;
static imp_status attack(imp_call *call, imp_str in, imp_out *out);

#define UNUSED __attribute__((unused))
#define NO_ATTACK \
    static imp_status attack(imp_call *call, imp_str in, imp_out *out) { return (void)call, (void)in, (void)out, IMP_OK; }

static char told[3000];
static bool has_escaped;

/* Notes that something forbidden was tried. */
UNUSED static void tried(const char *what, bool worked) {
    size_t len = strlen(told);
    snprintf(told + len, sizeof told - len, "%s%s: %s", len ? "; " : "", what, worked ? "WORKED" : strerror(errno));
    has_escaped = has_escaped || worked;
}

UNUSED static imp_status fail_as(imp_call *call, const char *code, const char *message) {
    imp_problem problem = {.struct_size = sizeof problem, .code = imp_str_of(code), .message = imp_str_of(message)};
    return host->fail(call, IMP_PRECONDITION, &problem);
}

UNUSED static imp_status verdict(imp_call *call) { return fail_as(call, has_escaped ? "escaped" : "held", told); }

UNUSED static bool reads(const char *path) {
    int fd = open(path, O_RDONLY);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

/* A text member of the document, such as a parameter; empty when it is not there. */
UNUSED static const char *member(imp_str in, const char *name) {
    static char value[512];
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\":\"", name);
    const char *at = memmem(in.ptr, in.len, quoted, strlen(quoted)), *from = at ? at + strlen(quoted) : NULL;
    const char *end = from ? memchr(from, '"', (size_t)(in.ptr + in.len - from)) : NULL;
    snprintf(value, sizeof value, "%.*s", end ? (int)(end - from) : 0, end ? from : "");
    return value;
}

UNUSED static pid_t broker(imp_str in) { return (pid_t)atol(member(in, "broker")); }

/* Frames as docs/abi/frames.md says, behind the host's back. */
UNUSED static uint64_t id_of(imp_call *call) { return *(uint64_t *)call; }

UNUSED static bool frame(uint8_t kind, uint8_t flags, uint64_t call, uint64_t request, const void *payload, uint32_t len) {
    static uint8_t bytes[65536 + 24];
    struct {
        uint8_t version, kind, flags, reserved;
        uint32_t length;
        uint64_t call, request;
    } header = {1, kind, flags, 0, len, call, request};
    memcpy(bytes, &header, sizeof header);
    if (len) memcpy(bytes + sizeof header, payload, len);
    return send(3, bytes, sizeof header + len, MSG_NOSIGNAL) >= 0;
}

_Noreturn UNUSED static void forever(void) {
    for (;;) pause();
}

#ifndef ON_ENTRY
#define ON_ENTRY
#endif
#ifndef ON_INIT
#define ON_INIT
#endif
#ifndef SCHEMA
#define SCHEMA "{\"type\":\"object\"}"
#endif
#ifndef PACKAGES
#define PACKAGES NULL
#endif
#ifndef TYPES
#define TYPES types
#endif
#ifndef NTYPES
#define NTYPES 1
#endif
#ifndef BOOTSTRAP
#define BOOTSTRAP attack
#endif

static imp_status init(const imp_host *h, imp_call *call) {
    (void)call;
    host = h;
    ON_INIT;
    return IMP_OK;
}

static const imp_type type = {
    .struct_size = sizeof(imp_type),
    .id = NAME,
    .name = "Hostile",
    .summary = "For tests",
    .create_schema = SCHEMA,
    .validate = attack,
    .plan = attack,
    .bootstrap = BOOTSTRAP,
    .health = attack,
    .destroy = attack,
};
UNUSED static const imp_type *const types[] = {&type};
static const imp_plugin plugin = {
    .struct_size = sizeof(imp_plugin),
    .id = NAME,
    .version = "1.0.0",
    .vendor = "Tests",
    .license = "Apache-2.0",
    .packages = PACKAGES,
    .types = TYPES,
    .ntypes = NTYPES,
    .init = init,
};

IMP_EXPORT const imp_plugin *imp_plugin_v0(uint32_t host_minor) {
    (void)host_minor;
    ON_ENTRY;
    return &plugin;
}
