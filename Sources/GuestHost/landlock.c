// SPDX-License-Identifier: Apache-2.0
/* Files: the system's libraries, what the broker names and the plugin itself may be read and executed; nothing may be written; no TCP.
 * https://docs.kernel.org/userspace-api/landlock.html: what the running kernel's ABI does not know must not be asked for. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than the kernel headers of the oldest supported build machine. */
struct ruleset {
    uint64_t handled_access_fs, handled_access_net, scoped;
};
enum { FS_BITS_V1 = 13, FS_REFER = 1 << 13, FS_TRUNCATE = 1 << 14, FS_IOCTL_DEV = 1 << 15, NET_TCP = 3, SCOPE_ALL = 3 };

static const uint64_t read_only = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE;

static bool allow(int rules, int fd, uint64_t access) {
    struct stat info;
    if (fstat(fd, &info)) return false;
    if (!S_ISDIR(info.st_mode)) access &= ~(uint64_t)LANDLOCK_ACCESS_FS_READ_DIR;
    struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};
    return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

/* A path that this machine lacks, or that this uid cannot reach, needs no rule. */
static void allow_path(int rules, const char *path, uint64_t access) {
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) return;
    allow(rules, fd, access);
    close(fd);
}

void landlock_enter(const sandbox_options *options, int library) {
    static const char *const system_paths[] = {"/usr",       "/lib",           "/lib64",      "/etc/ld.so.cache", "/etc/localtime",
                                               "/proc/self", "/proc/cpuinfo",  "/proc/meminfo", "/dev/urandom",   "/dev/zero",
                                               "/sys/devices/system/cpu"};
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1) {
        layer_report("landlock", false, "%s", errno == ENOSYS || errno == EOPNOTSUPP ? "the kernel has none" : strerror(errno));
        return;
    }
    struct ruleset handled = {.handled_access_fs = (1 << FS_BITS_V1) - 1};
    if (abi >= 2) handled.handled_access_fs |= FS_REFER;
    if (abi >= 3) handled.handled_access_fs |= FS_TRUNCATE;
    if (abi >= 4) handled.handled_access_net = NET_TCP;
    if (abi >= 5) handled.handled_access_fs |= FS_IOCTL_DEV;
    if (abi >= 6) handled.scoped = SCOPE_ALL;
    size_t size = abi >= 6 ? sizeof handled : abi >= 4 ? offsetof(struct ruleset, scoped) : offsetof(struct ruleset, handled_access_net);
    int rules = (int)syscall(SYS_landlock_create_ruleset, &handled, size, 0);
    if (rules < 0) {
        layer_report("landlock", false, "%s", strerror(errno));
        return;
    }
    bool is_complete = library < 0 || allow(rules, library, read_only);
    for (size_t i = 0; i < sizeof system_paths / sizeof *system_paths; i++) allow_path(rules, system_paths[i], read_only);
    for (size_t i = 0; i < options->nreadable; i++) allow_path(rules, options->readable[i], read_only);
    allow_path(rules, "/dev/null", LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE);
    is_complete = is_complete && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    if (is_complete) layer_report("landlock", true, "ABI %ld, nothing writable", abi);
    else layer_report("landlock", false, "%s", strerror(errno));
    close(rules);
}
