// SPDX-License-Identifier: Apache-2.0
/* Leaves files behind. */
#include "hostile.h"
#include <sys/stat.h>
#include <sys/sysmacros.h>

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    static const char *const files[] = {"/tmp/hostile", "/var/tmp/hostile", "/dev/shm/hostile", "/run/hostile", "hostile", "/usr/hostile",
                                        "/proc/self/oom_score_adj", "/proc/self/coredump_filter", "/proc/self/uid_map"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        int fd = open(files[i], O_WRONLY | O_CREAT, 0600);
        tried(files[i], fd >= 0);
    }
    tried("mkdir", mkdir("/hostile", 0700) == 0);
    tried("shm_open", shm_open("/hostile", O_RDWR | O_CREAT, 0600) >= 0);
    tried("mknod", mknod("/null", S_IFCHR | 0600, 259) == 0);
    return verdict(call);
}
