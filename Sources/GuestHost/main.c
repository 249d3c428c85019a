// SPDX-License-Identifier: Apache-2.0
/* impresario-guest LIBRARY|--probe [--uid N] [--cgroup FOLDER]... [--read PATH]... [--parent PID] [--require LAYER,...] [--minor N]
 *                  [--tell timing] [--wait debugger]
 *
 * The process that a plugin lives in. Started by the broker with a SEQPACKET socket on fd 3 (docs/abi/frames.md):
 *
 *   enter the sandbox -> load the library -> check and describe it -> init -> READY -> { INVOKE -> RESULT } until end of file
 *
 * With --probe it loads nothing: READY carries an empty descriptor and the layers that this machine gives, and the process ends.
 *
 * It ends with 0 when the broker closes the socket, 64 on a wrong command line, 70 when the broker's frames make no sense. When the library
 * cannot be used it sends REFUSED with the reason and ends with 0.
 *
 * For those who test plugins: --minor offers the host table of an older minor version; --tell timing logs how long entry and init took; --wait
 * debugger loads the library only when a debugger is attached. */
#include "debugger.h"
#include "frames.h"
#include "invoke.h"
#include "plugin.h"
#include "sandbox.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

_Noreturn static void usage(const char *why) {
    dprintf(STDERR_FILENO,
            "impresario-guest: %s\n"
            "usage: impresario-guest LIBRARY|--probe [--uid N] [--cgroup FOLDER]... [--read PATH]... [--parent PID] [--require LAYER,...]\n"
            "                        [--minor N] [--tell timing] [--wait debugger]\n"
            "It is started by the broker, with a socket on descriptor 3.\n",
            why);
    _exit(64);
}

static long number(const char *text) {
    char *end;
    long value = strtol(text, &end, 10);
    if (*text == 0 || *end || value < 0 || value > INT32_MAX) usage("not a number");
    return value;
}

/* What they who test plugins ask for. */
typedef struct test_options {
    bool has_minor, tells_timing, waits;
    uint32_t minor;
} test_options;

static bool parse_test(const char *name, const char *value, test_options *test) {
    if (!strcmp(name, "--minor")) {
        test->has_minor = true;
        test->minor = (uint32_t)number(value);
        if (test->minor > IMP_ABI_MINOR) usage("there is no such minor version yet");
        return true;
    }
    bool *flag = !strcmp(name, "--tell") && !strcmp(value, "timing")     ? &test->tells_timing
                 : !strcmp(name, "--wait") && !strcmp(value, "debugger") ? &test->waits
                                                                         : NULL;
    if (flag) *flag = true;
    return flag;
}

static void tell_timing(int64_t entry_ns, int64_t init_ns) {
    char fields[128];
    snprintf(fields, sizeof fields, "{\"host\":\"timing\",\"entryMicroseconds\":%ld,\"initMicroseconds\":%ld}", (long)(entry_ns / 1000),
             (long)(init_ns / 1000));
    buffer payload = {0};
    buffer_u32(&payload, IMP_LOG_DEBUG);
    buffer_text(&payload, imp_str_of(fields));
    buffer_text(&payload, imp_str_of(""));
    message_send(KIND_LOG, 0, 0, &payload);
    free(payload.bytes);
}

static void parse(int count, char **arguments, sandbox_options *options, test_options *test) {
    for (int i = 2; i < count; i += 2) {
        const char *name = arguments[i], *value = i + 1 < count ? arguments[i + 1] : NULL;
        if (!value) usage("an option lacks its value");
        if (!strcmp(name, "--uid")) options->uid = (uint32_t)number(value);
        else if (!strcmp(name, "--parent")) options->parent = (int32_t)number(value);
        else if (!strcmp(name, "--require")) options->required = value;
        else if (!strcmp(name, "--cgroup") && options->ncgroups < 4) options->cgroups[options->ncgroups++] = value;
        else if (!strcmp(name, "--read") && options->nreadable < SANDBOX_PATHS) options->readable[options->nreadable++] = value;
        else if (parse_test(name, value, test)) continue;
        else usage("an option is unknown or given too often");
    }
}

/* From the library to a plugin that is ready. */
static const imp_plugin *begin(int library, const char *path, const test_options *test, buffer *descriptor) {
    if (test->waits) debugger_wait();
    int64_t entry_ns, before_init;
    uint32_t minor = test->has_minor ? test->minor : IMP_ABI_MINOR;
    const imp_plugin *plugin = plugin_load(library, path, minor, test->waits, &entry_ns);
    plugin_describe(plugin, descriptor);
    if (plugin->min_host_minor > minor)
        refuse("version", "The plugin needs a host of ABI minor %u; this one offers %u.", plugin->min_host_minor, minor);
    before_init = monotonic_ns();
    invoke_init(plugin, test->has_minor ? host_of_minor(minor) : &host_table);
    if (test->tells_timing) tell_timing(entry_ns, monotonic_ns() - before_init);
    return plugin;
}

int main(int count, char **arguments) {
    sandbox_options options = {0};
    test_options test = {0};
    signal(SIGPIPE, SIG_IGN); /* nobody may read what it writes */
    if (count < 2) usage("no library");
    parse(count, arguments, &options, &test);

    buffer ready = {0}, sandbox = {0}, descriptor = {0};
    options.awaits_debugger = test.waits;
    bool is_probe = !strcmp(arguments[1], "--probe");
    int library = sandbox_enter(&options, is_probe ? NULL : arguments[1], &sandbox);
    const imp_plugin *plugin = is_probe ? NULL : begin(library, arguments[1], &test, &descriptor);
    buffer_text(&ready, (imp_str){(const char *)descriptor.bytes, descriptor.len});
    buffer_append(&ready, sandbox.bytes, sandbox.len);
    message_send(KIND_READY, 0, 0, &ready);
    free(ready.bytes);
    free(sandbox.bytes);
    free(descriptor.bytes);
    if (is_probe) return 0;

    invoke_all(plugin);
}
