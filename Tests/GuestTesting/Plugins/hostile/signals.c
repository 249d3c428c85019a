// SPDX-License-Identifier: Apache-2.0
/* Sends signals to the broker and to everybody. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    pid_t victims[] = {broker(in), 1, getppid(), -1, 0};
    static const char *const names[] = {"the broker", "process 1", "its parent", "everybody", "its group"};
    for (size_t i = 0; i < 5; i++) tried(names[i], kill(victims[i], SIGKILL) == 0);
    siginfo_t info = {.si_code = -1};
    tried("tgkill", syscall(SYS_tgkill, victims[0], victims[0], SIGSTOP) == 0);
    tried("tkill", syscall(SYS_tkill, victims[0], SIGSTOP) == 0);
    tried("rt_sigqueueinfo", syscall(SYS_rt_sigqueueinfo, victims[0], SIGTERM, &info) == 0);
    tried("pidfd_open", syscall(SYS_pidfd_open, victims[0], 0) >= 0);
    tried("pidfd_open of process 1", syscall(SYS_pidfd_open, 1, 0) >= 0);
    tried("SIGIO to the broker", fcntl(3, F_SETOWN, victims[0]) == 0);
    tried("setpriority", setpriority(PRIO_PROCESS, (id_t)victims[0], 19) == 0);
    return verdict(call);
}
