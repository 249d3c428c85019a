// SPDX-License-Identifier: Apache-2.0
/* Multiplies. */
#include "hostile.h"
#include <spawn.h>

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    char *arguments[] = {"true", NULL}, *none[] = {NULL};
    pid_t child;
    for (int i = 0; i < 1000; i++) {
        pid_t pid = fork();
        if (pid == 0) forever();
        if (i == 0 || pid > 0) tried("fork", pid > 0);
    }
    tried("clone", syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL) > 0);
    uint64_t three[8] = {0};
    tried("clone3", syscall(SYS_clone3, three, sizeof three) > 0);
    tried("posix_spawn", posix_spawn(&child, "/usr/bin/true", NULL, NULL, arguments, none) == 0);
    return verdict(call);
}
