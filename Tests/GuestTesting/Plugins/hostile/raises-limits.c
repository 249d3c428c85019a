// SPDX-License-Identifier: Apache-2.0
/* Gives itself more. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    static const int kinds[] = {RLIMIT_CORE, RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_MSGQUEUE, RLIMIT_NICE, RLIMIT_RTPRIO};
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) tried("setrlimit", setrlimit((__rlimit_resource_t)kinds[i], &all) == 0);
    tried("prlimit of the broker", syscall(SYS_prlimit64, broker(in), RLIMIT_NOFILE, &all, NULL) == 0);
    tried("prlimit of process 1", syscall(SYS_prlimit64, 1, RLIMIT_NOFILE, NULL, &all) == 0);
    tried("nice", setpriority(PRIO_PROCESS, 0, -20) == 0);
    tried("cgroup.procs", open("/sys/fs/cgroup/memory/cgroup.procs", O_WRONLY) >= 0 || open("/sys/fs/cgroup/cgroup.procs", O_WRONLY) >= 0);
    return verdict(call);
}
