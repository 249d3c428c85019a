// SPDX-License-Identifier: Apache-2.0
/* impresario-guest LIBRARY [--uid N] [--cgroup FOLDER]... [--read PATH]... [--parent PID] [--require LAYER,...]
 *
 * The process that a plugin lives in. Started by the broker with a SEQPACKET socket on fd 3 (docs/abi/frames.md):
 *
 *   enter the sandbox -> load the library -> check and describe it -> init -> READY -> { INVOKE -> RESULT } until end of file
 *
 * It ends with 0 when the broker closes the socket, 64 on a wrong command line, 70 when the broker's frames make no sense. When the library
 * cannot be used it sends REFUSED with the reason and ends with 0. */
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
            "usage: impresario-guest LIBRARY [--uid N] [--cgroup FOLDER]... [--read PATH]... [--parent PID] [--require LAYER,...]\n"
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

static void parse(int count, char **arguments, sandbox_options *options) {
    for (int i = 2; i < count; i += 2) {
        const char *name = arguments[i], *value = i + 1 < count ? arguments[i + 1] : NULL;
        if (!value) usage("an option lacks its value");
        if (!strcmp(name, "--uid")) options->uid = (uint32_t)number(value);
        else if (!strcmp(name, "--parent")) options->parent = (int32_t)number(value);
        else if (!strcmp(name, "--require")) options->required = value;
        else if (!strcmp(name, "--cgroup") && options->ncgroups < 4) options->cgroups[options->ncgroups++] = value;
        else if (!strcmp(name, "--read") && options->nreadable < SANDBOX_PATHS) options->readable[options->nreadable++] = value;
        else usage("an option is unknown or given too often");
    }
}

int main(int count, char **arguments) {
    sandbox_options options = {0};
    signal(SIGPIPE, SIG_IGN); /* nobody may read what it writes */
    if (count < 2) usage("no library");
    parse(count, arguments, &options);

    buffer ready = {0}, sandbox = {0}, descriptor = {0};
    int library = sandbox_enter(&options, arguments[1], &sandbox);
    const imp_plugin *plugin = plugin_load(library, arguments[1]);
    plugin_describe(plugin, &descriptor);
    invoke_init(plugin);
    buffer_text(&ready, (imp_str){(const char *)descriptor.bytes, descriptor.len});
    buffer_append(&ready, sandbox.bytes, sandbox.len);
    message_send(KIND_READY, 0, 0, &ready);
    free(ready.bytes);
    free(sandbox.bytes);
    free(descriptor.bytes);

    message m = {0};
    for (uint64_t last = 0;;) {
        message_receive(&m);
        if (m.kind == KIND_CANCEL && m.call <= last) continue; /* came after the call's end */
        if (m.kind != KIND_INVOKE_VERB && m.kind != KIND_INVOKE_OP) die("bad message: kind %u while no call runs", m.kind);
        if (m.call <= last) die("bad message: call ids must grow");
        last = m.call;
        invoke(plugin, &m);
    }
}
