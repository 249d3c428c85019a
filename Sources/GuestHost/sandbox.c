// SPDX-License-Identifier: Apache-2.0
/* The layers in order. The order matters: what needs privilege comes before the uid changes; the parent-death signal after it, since a change of
 * uid clears it (prctl(2)); Landlock before there is a second thread, since it covers only the calling one; seccomp last, since it forbids
 * what the others need. */
#include "sandbox.h"

#include "debugger.h"
#include "plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static sandbox_layer layers[SANDBOX_LAYERS];
static size_t nlayers;

void layer_report(const char *name, bool is_active, const char *format, ...) {
    if (nlayers == SANDBOX_LAYERS) return;
    sandbox_layer *layer = &layers[nlayers++];
    layer->name = name;
    layer->is_active = is_active;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(layer->detail, sizeof layer->detail, format, arguments);
    va_end(arguments);
}

static void report(const char *name, bool is_active, const char *good) {
    layer_report(name, is_active, "%s", is_active ? good : strerror(errno));
}

static bool write_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool is_written = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    int reason = errno;
    close(fd);
    errno = reason;
    return is_written;
}

static void cgroup(const sandbox_options *options) {
    if (options->ncgroups == 0) {
        layer_report("cgroup", false, "the broker could make none: it needs root, or a cgroup that was handed to it");
        return;
    }
    for (size_t i = 0; i < options->ncgroups; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/cgroup.procs", options->cgroups[i]);
        if (!write_file(path, "0")) {
            layer_report("cgroup", false, "%s: %s", options->cgroups[i], strerror(errno));
            return;
        }
    }
    layer_report("cgroup", true, "memory and processes are bounded");
}

/* Without privilege the same namespaces come with a user namespace, where the kernel allows that. */
static bool namespaces(void) {
    const int flags = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWCGROUP;
    if (unshare(flags) == 0) {
        layer_report("namespaces", true, "net, ipc, pid, mount, uts, cgroup");
        return true;
    }
    int reason = errno;
    char uid_map[64], gid_map[64];
    snprintf(uid_map, sizeof uid_map, "%u %u 1", geteuid(), geteuid());
    snprintf(gid_map, sizeof gid_map, "%u %u 1", getegid(), getegid());
    if (geteuid() != 0 && unshare(CLONE_NEWUSER | flags) == 0) {
        bool is_mapped = write_file("/proc/self/setgroups", "deny") && write_file("/proc/self/uid_map", uid_map) &&
                         write_file("/proc/self/gid_map", gid_map);
        layer_report("namespaces", true, "user%s, net, ipc, pid, mount, uts, cgroup; without root", is_mapped ? "" : " (not mapped)");
        return true;
    }
    layer_report("namespaces", false, "%s", strerror(reason));
    return false;
}

static bool drop_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {0};
    for (int capability = 0; capability <= 63; capability++) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return syscall(SYS_capset, &header, none) == 0;
}

static void identity(const sandbox_options *options) {
    for (int capability = 0; options->uid && capability <= 63; capability++) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    if (options->uid == 0) {
        layer_report("uid", false, "needs a broker that is root; runs as %u, as the broker does", geteuid());
    } else if (setgroups(0, NULL) || setresgid(options->uid, options->uid, options->uid) ||
               setresuid(options->uid, options->uid, options->uid)) {
        layer_report("uid", false, "%u: %s", options->uid, strerror(errno));
    } else {
        layer_report("uid", true, "%u, no groups", options->uid);
    }
    report("capabilities", drop_capabilities(), "none");
}

static bool bound(__rlimit_resource_t resource, rlim_t most) {
    struct rlimit limit;
    if (getrlimit(resource, &limit)) return false;
    if (limit.rlim_max < most) most = limit.rlim_max;
    limit = (struct rlimit){most, most};
    return setrlimit(resource, &limit) == 0;
}

static void limits(const sandbox_options *options) {
    /* Root ignores RLIMIT_NPROC, shared mappings escape RLIMIT_DATA and Go cannot live with RLIMIT_AS: memory is the cgroup's to bound.
     * A core limit of 1, not 0: with 0 the kernel still hands a dump to a program named in core_pattern (do_coredump in fs/coredump.c). */
    bool is_set = bound(RLIMIT_CORE, 1) && bound(RLIMIT_NOFILE, 256) && bound(RLIMIT_MSGQUEUE, 0) && bound(RLIMIT_NICE, 0) &&
                  bound(RLIMIT_RTPRIO, 0);
    /* Counted per user id, so only where the guest has one of its own. */
    is_set = is_set && (options->uid == 0 || bound(RLIMIT_NPROC, 128));
    /* Whoever dumps it all the same finds no memory in the dump; when the machine is short of memory, guests go before the broker. */
    write_file("/proc/self/coredump_filter", "0");
    write_file("/proc/self/oom_score_adj", "1000");
    report("limits", is_set, options->uid == 0 ? "no core, 256 files" : "no core, 256 files, 128 threads");
}

static void parent_death(const sandbox_options *options, bool is_namespaced) {
    bool is_set = prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0;
    /* The parent may have gone before the signal was asked for. In a pid namespace it is process 1, and its end is everybody's. */
    if (!is_namespaced && options->parent && getppid() != options->parent) _exit(0);
    report("parent-death", is_set, "SIGKILL");
}

static void require(const char *names) {
    char list[256];
    snprintf(list, sizeof list, "%s", names ? names : "");
    for (char *rest = list, *name; (name = strtok_r(rest, ",", &rest));) {
        const sandbox_layer *found = NULL;
        for (size_t i = 0; i < nlayers; i++)
            if (!strcmp(layers[i].name, name)) found = &layers[i];
        if (!found) refuse("sandbox", "There is no sandbox layer '%s'.", name);
        if (!found->is_active) refuse("sandbox", "The sandbox layer '%s' is required and missing here: %s.", name, found->detail);
    }
}

int sandbox_enter(const sandbox_options *options, const char *library, buffer *payload) {
    bool is_closed = close_range(4, ~0U, 0) == 0;
    report("descriptors", is_closed, "only 0 to 3 are open");
    cgroup(options);
    int fd = library ? open(library, O_RDONLY | O_NOCTTY) : -1;
    int reason = errno;
    bool is_namespaced = namespaces();
    if (is_namespaced) fork_into_namespace(options);
    if (options->awaits_debugger) debugger_expect();
    if (is_namespaced) root_enter(options);
    else layer_report("root", false, chdir("/") ? "needs the mount namespace, and / cannot be entered" : "needs the mount namespace");
    identity(options);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* cleared by the change of uid; without it /proc/self belongs to root */
    limits(options);
    parent_death(options, is_namespaced);
    report("no-new-privileges", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "set");
    landlock_enter(options, fd);
    seccomp_enter();
    require(options->required);
    if (library && fd < 0) refuse("load", "%s cannot be opened: %s.", library, strerror(reason));
    buffer_u32(payload, (uint32_t)nlayers);
    for (size_t i = 0; i < nlayers; i++) {
        buffer_text(payload, imp_str_of(layers[i].name));
        buffer_u8(payload, layers[i].is_active);
        buffer_text(payload, imp_str_of(layers[i].detail));
    }
    return fd;
}
