// SPDX-License-Identifier: Apache-2.0
/* Uses parts of the kernel that plugins have no need of. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    char parameters[256] = {0};
    tried("io_uring", syscall(SYS_io_uring_setup, 8, parameters) >= 0);
    tried("userfaultfd", syscall(SYS_userfaultfd, 0) >= 0);
    tried("bpf", syscall(SYS_bpf, 0, parameters, 64) >= 0);
    tried("keyctl", syscall(SYS_keyctl, 0, -3, 0) >= 0);
    tried("add_key", syscall(SYS_add_key, "user", "x", "y", 1, -3) >= 0);
    tried("request_key", syscall(SYS_request_key, "user", "x", NULL, -3) >= 0);
    tried("memfd_secret", syscall(447, 0) >= 0);
    tried("open_by_handle_at", syscall(SYS_open_by_handle_at, AT_FDCWD, parameters, 0) >= 0);
    tried("a call that is newer than the filter", syscall(500, 0) >= 0);
    tried("reboot", syscall(SYS_reboot, 0, 0, 0, 0) == 0);
    return verdict(call);
}
