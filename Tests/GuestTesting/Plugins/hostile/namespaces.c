// SPDX-License-Identifier: Apache-2.0
/* Moves to other namespaces and mounts things. */
#include "hostile.h"
#include <sched.h>
#include <sys/mount.h>

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    tried("unshare", unshare(CLONE_NEWUSER) == 0);
    tried("setns", setns(3, 0) == 0 || (reads("/proc/1/ns/net") && setns(open("/proc/1/ns/net", O_RDONLY), 0) == 0));
    tried("mount", mount("none", "/proc", "tmpfs", 0, NULL) == 0);
    tried("umount", umount2("/proc", MNT_DETACH) == 0);
    tried("chroot", chroot("/usr") == 0);
    tried("pivot_root", syscall(SYS_pivot_root, "/usr", "/usr") == 0);
    tried("fsopen", syscall(SYS_fsopen, "tmpfs", 0) >= 0);
    tried("open_tree", syscall(SYS_open_tree, AT_FDCWD, "/", 1) >= 0);
    tried("sethostname", sethostname("mine", 4) == 0);
    tried("clone3", syscall(SYS_clone3, NULL, 0) > 0);
    return verdict(call);
}
