// SPDX-License-Identifier: Apache-2.0
/* Reads what the machine keeps. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    static const char *const files[] = {"/etc/shadow", "/etc/passwd",      "/root",           "/home",     "/var/lib",   "/run", "/boot",
                                        "/dev/mem",    "/dev/kmsg",        "/sys/fs/cgroup",  "/sys/kernel", "/proc/1/environ", "/proc/kcore",
                                        "/proc/sys",   "/proc/sysrq-trigger"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) tried(files[i], reads(files[i]));
    char environment[64];
    snprintf(environment, sizeof environment, "/proc/%d/environ", broker(in));
    tried("the broker's environment", reads(environment));
    return verdict(call);
}
