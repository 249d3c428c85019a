// SPDX-License-Identifier: Apache-2.0
/* Looks for secrets in its own environment, descriptors and name space. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    extern char **environ;
    for (char **variable = environ; *variable; variable++)
        if (strncmp(*variable, "PATH=", 5) && strncmp(*variable, "LANG=", 5) && strncmp(*variable, "SWIFT_BACKTRACE=", 16)) {
            errno = 0;
            tried(*variable, true);
        }
    errno = EBADF;
    for (int fd = 4; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0) tried("an inherited descriptor", true);
    char cwd[512] = "";
    tried("its working directory is the broker's", getcwd(cwd, sizeof cwd) && strcmp(cwd, "/"));
    return verdict(call);
}
