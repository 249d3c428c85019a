// SPDX-License-Identifier: Apache-2.0
/* Looks for the memory of guests beside it. */
#include "hostile.h"
#include <sys/ipc.h>
#include <sys/shm.h>

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    char path[64], bytes[8];
    struct iovec here = {bytes, 8}, there = {(void *)0x400000, 8};
    int seen = 0, read = 0;
    for (pid_t pid = 1; pid < 70000; pid++) {
        if (pid == getpid()) continue;
        snprintf(path, sizeof path, "/proc/%d/maps", pid);
        seen += reads(path);
        read += process_vm_readv(pid, &here, 1, &there, 1, 0) > 0;
    }
    errno = ESRCH;
    tried("maps of another process", seen > 0);
    tried("memory of another process", read > 0);
    tried("System V shared memory", shmget(1, 4096, 0666 | IPC_CREAT) >= 0);
    tried("shared memory", shm_open("/hostile", O_RDWR, 0600) >= 0);
    tried("its siblings' threads", syscall(SYS_move_pages, 1, 0, NULL, NULL, NULL, 0) == 0);
    return verdict(call);
}
