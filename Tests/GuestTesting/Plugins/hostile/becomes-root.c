// SPDX-License-Identifier: Apache-2.0
/* Becomes somebody else, with more rights. */
#include "hostile.h"
#include <grp.h>

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    uint32_t header[2] = {0x20080522, 0}, all[6] = {~0u, ~0u, ~0u, ~0u, ~0u, ~0u};
    tried("uid 0", getuid() == 0);
    tried("setuid", setresuid(0, 0, 0) == 0);
    tried("setgid", setresgid(0, 0, 0) == 0);
    gid_t group = 0;
    tried("setgroups", setgroups(1, &group) == 0);
    tried("capset", syscall(SYS_capset, header, all) == 0);
    tried("securebits", prctl(PR_SET_SECUREBITS, 0) == 0);
    tried("no_new_privs", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
    return verdict(call);
}
