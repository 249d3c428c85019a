// SPDX-License-Identifier: Apache-2.0
/* A root directory of its own, in a mount namespace of its own: the system's libraries, a few devices, a /proc of its own pid namespace and what the
 * broker names; read-only, and nothing else of the machine by any name. Landlock says the same by another mechanism: either holds without
 * the other. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* <sys/mount.h> and <linux/mount.h> of the oldest supported build machine exclude each other. */
int mount(const char *, const char *, const char *, unsigned long, const void *);
int umount2(const char *, int);
enum { DETACH = 2 };

/* Must exist on every machine; hides whatever was there, in this namespace only. */
#define STAGE "/tmp"

typedef struct source {
    const char *path;
    int fd;
} source;

static const char *const system_paths[] = {"/usr",      "/lib",      "/lib64",       "/etc/ld.so.cache",      "/etc/localtime",
                                           "/dev/null", "/dev/zero", "/dev/urandom", "/sys/devices/system/cpu"};
enum { SYSTEM_PATHS = sizeof system_paths / sizeof *system_paths };

/* Makes the folders above `path`, which begins with the stage. */
static bool make_parents(const char *path) {
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", path);
    for (char *slash = folder + sizeof STAGE; (slash = strchr(slash, '/')); *slash++ = '/') {
        *slash = 0;
        if (mkdir(folder, 0755) && errno != EEXIST) return false;
    }
    return true;
}

static bool make_target(const char *path, bool is_folder) {
    struct stat known;
    if (lstat(path, &known) == 0) return true; /* below one that is shown already */
    if (!make_parents(path)) return false;
    if (is_folder) return mkdir(path, 0755) == 0 || errno == EEXIST;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0444);
    if (fd < 0) return false;
    close(fd);
    return true;
}

static bool protect(const char *path, bool is_device) {
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | (is_device ? 0 : MOUNT_ATTR_NODEV)};
    if (syscall(SYS_mount_setattr, AT_FDCWD, path, 0x8000 /* AT_RECURSIVE */, &attributes, sizeof attributes) == 0) return true;
    if (errno != ENOSYS) return false;
    return mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | (is_device ? 0 : MS_NODEV), NULL) == 0;
}

/* Shows one path of the machine below the stage; one that the machine lacks is left out. */
static bool show(const source *from) {
    char target[4096], name[32], link[4096];
    struct stat info;
    snprintf(target, sizeof target, STAGE "%s", from->path);
    snprintf(name, sizeof name, "/proc/self/fd/%d", from->fd);
    if (from->fd < 0) return true;
    if (fstat(from->fd, &info)) return false;
    if (S_ISLNK(info.st_mode)) {
        ssize_t n = readlinkat(from->fd, "", link, sizeof link - 1);
        if (n < 0 || !make_parents(target)) return false;
        link[n] = 0;
        return symlink(link, target) == 0 || errno == EEXIST;
    }
    return make_target(target, S_ISDIR(info.st_mode)) && mount(name, target, NULL, MS_BIND | MS_REC, NULL) == 0 &&
           protect(target, S_ISCHR(info.st_mode));
}

static bool build(const source *sources, size_t nsources, const char **proc) {
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) return false;
    /* The machine's own /proc must be at hand until all is shown. */
    if (mount("tmpfs", STAGE, "tmpfs", MS_NOSUID | MS_NODEV, "size=64k,nr_inodes=512,mode=755")) return false;
    for (size_t i = 0; i < nsources; i++)
        if (!show(&sources[i])) return false;
    *proc = "a /proc of its own";
    if (mkdir(STAGE "/proc", 0555)) return false;
    if (mount("proc", STAGE "/proc", "proc", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)) {
        /* Inside another container, whose /proc is masked in parts, the kernel gives no whole one. */
        *proc = "the machine's /proc";
        if (mount("/proc", STAGE "/proc", NULL, MS_BIND | MS_REC, NULL)) return false;
    }
    if (chdir(STAGE) || syscall(SYS_pivot_root, ".", ".") || umount2(".", DETACH)) return false;
    return mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) == 0;
}

void root_enter(const sandbox_options *options) {
    source sources[SYSTEM_PATHS + SANDBOX_PATHS];
    size_t n = 0;
    for (size_t i = 0; i < SYSTEM_PATHS; i++) sources[n++].path = system_paths[i];
    for (size_t i = 0; i < options->nreadable; i++)
        if (options->readable[i][0] == '/') sources[n++].path = options->readable[i];
    /* Opened before the stage hides any. A link of the system's is shown as a link; what the broker names is meant. */
    for (size_t i = 0; i < n; i++)
        sources[i].fd = open(sources[i].path, O_PATH | O_CLOEXEC | (i < SYSTEM_PATHS ? O_NOFOLLOW : 0));
    const char *proc = "";
    bool is_built = build(sources, n, &proc);
    int reason = errno;
    for (size_t i = 0; i < n; i++)
        if (sources[i].fd >= 0) close(sources[i].fd);
    bool is_home = chdir("/") == 0; /* and not where the broker is */
    if (is_built && is_home) layer_report("root", true, "a read-only tree of libraries, %s", proc);
    else layer_report("root", false, "%s", strerror(reason));
}
