// SPDX-License-Identifier: Apache-2.0
/* What the process takes away from itself before it loads anything. */
#ifndef GUEST_SANDBOX_H
#define GUEST_SANDBOX_H

#include "bytes.h"

enum { SANDBOX_PATHS = 16, SANDBOX_LAYERS = 16 };

typedef struct sandbox_options {
    const char *cgroups[4];          /* folders of cgroups with limits set, to enter */
    const char *readable[SANDBOX_PATHS]; /* files and folders that may be read and executed, beside the system's libraries */
    size_t ncgroups, nreadable;
    uint32_t uid;                    /* 0: keep */
    int32_t parent;                  /* process that must still be alive; 0: not checked */
    bool awaits_debugger;
    const char *required;            /* names of layers that must be active, separated by commas, or NULL */
} sandbox_options;

typedef struct sandbox_layer {
    const char *name;
    bool is_active;
    char detail[160];
} sandbox_layer;

/* Enters every layer that this machine gives, in order, and reports each into `payload`: count, then name, active, detail. Returns the library's
 * descriptor, opened while that was still allowed; -1 when `library` is NULL. Returns in a child process where there is a pid namespace; the
 * parent then waits and ends the same way. Refuses when a required layer is missing. */
int sandbox_enter(const sandbox_options *options, const char *library, buffer *payload);

/* The exit code when the plugin stopped its own process (GuestEnd in the broker knows it). */
enum { EXIT_STOPPED = 71 };

/* For the layers' own files. */
void layer_report(const char *name, bool is_active, const char *format, ...) __attribute__((format(printf, 3, 4)));
void root_enter(const sandbox_options *options);
void landlock_enter(const sandbox_options *options, int library);
void seccomp_enter(void);
/* Forks into the new pid namespace and returns in the child; the parent mirrors how that ends. */
void fork_into_namespace(const sandbox_options *options);

#endif
