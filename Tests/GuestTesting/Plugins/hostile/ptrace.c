// SPDX-License-Identifier: Apache-2.0
/* Takes hold of the broker and of process 1. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    pid_t victims[] = {broker(in), 1, getppid()};
    char bytes[8], path[64];
    struct iovec here = {bytes, 8}, there = {(void *)0x400000, 8};
    for (size_t i = 0; i < 3; i++) {
        tried("attach", syscall(SYS_ptrace, 16, victims[i], 0, 0) == 0);
        tried("seize", syscall(SYS_ptrace, 0x4206, victims[i], 0, 0) == 0);
        tried("process_vm_readv", process_vm_readv(victims[i], &here, 1, &there, 1, 0) >= 0);
        tried("process_vm_writev", process_vm_writev(victims[i], &here, 1, &there, 1, 0) >= 0);
        snprintf(path, sizeof path, "/proc/%d/mem", victims[i]);
        tried(path, reads(path));
    }
    tried("pidfd_getfd", syscall(SYS_pidfd_getfd, 3, 0, 0) >= 0);
    tried("perf_event_open", syscall(SYS_perf_event_open, NULL, victims[0], -1, -1, 0) >= 0);
    return verdict(call);
}
