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

/* A RESULT whose `size` bytes should be in the file that goes along. */
UNUSED static bool result_in_files(uint64_t call, uint64_t size, const int *files, size_t nfiles) {
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(253 * sizeof(int))];
    } control = {0};
    struct {
        uint8_t version, kind, flags, reserved;
        uint32_t length;
        uint64_t call, request, size;
    } packet = {1, 3, 2, 0, sizeof size, call, 0, size};
    struct iovec part = {&packet, sizeof packet};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(nfiles * sizeof(int))};
    control.head = (struct cmsghdr){.cmsg_len = CMSG_LEN(nfiles * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.head), files, nfiles * sizeof(int));
    return sendmsg(3, &message, MSG_NOSIGNAL) >= 0;
}

enum { ALL_SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

/* A file in memory of so many bytes with an empty object as its result, and then zeros. */
UNUSED static int result_file(size_t size, int seals) {
    static const uint8_t result[] = {0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, '{', '}'};
    int file = memfd_create("result", MFD_ALLOW_SEALING);
    if (file < 0 || write(file, result, sizeof result) < 0 || ftruncate(file, (off_t)size)) abort();
    if (seals && fcntl(file, F_ADD_SEALS, seals)) abort();
    return file;
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
