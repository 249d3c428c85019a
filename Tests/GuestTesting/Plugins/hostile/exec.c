// SPDX-License-Identifier: Apache-2.0
/* Becomes another program. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    char *arguments[] = {"sh", NULL}, *none[] = {NULL};
    tried("execve", execve("/usr/bin/sh", arguments, none) == 0);
    tried("execveat", syscall(SYS_execveat, AT_FDCWD, "/usr/bin/sh", arguments, none, 0) == 0);
    int fd = memfd_create("program", 0);
    tried("fexecve", fd >= 0 && fexecve(fd, arguments, none) == 0);
    return verdict(call);
}
