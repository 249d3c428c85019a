// SPDX-License-Identifier: Apache-2.0
/* System calls that no plugin needs answer EPERM. A list of what is denied, not of what is allowed: runtimes of many languages, of versions yet
 * to come, must live in it. Other layers hold when a new call is missing here. */
#include "sandbox.h"

#include <asm/ioctls.h>
#include <asm/sockios.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define AUDIT_ARCH_HERE AUDIT_ARCH_X86_64
#define X32_BIT 0x40000000u
#elif defined(__aarch64__)
#define AUDIT_ARCH_HERE AUDIT_ARCH_AARCH64
#else
#error "the seccomp filter must be told of this architecture"
#endif

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, value)
#define DENY ANSWER(SECCOMP_RET_ERRNO | EPERM)
#define DENY_CALL(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), DENY
/* By an argument's lower half, which is all that the kernel reads of an int. */
#define DENY_CALL_WITH(number, position, value) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4), LOAD(args[position]), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1), DENY, LOAD(nr)
#define DENY_CALL_UNLESS(number, position, value) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4), LOAD(args[position]), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0), DENY, LOAD(nr)

/* mseal: the newest call that this list was made with. Numbers from 403 on are the same on every architecture. */
enum { NEWEST_CALL = 462 };

void seccomp_enter(void) {
    const uint32_t self = (uint32_t)getpid();
    struct sock_filter program[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_HERE, 1, 0),
        ANSWER(SECCOMP_RET_KILL_PROCESS),
        LOAD(nr),
#ifdef X32_BIT
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1),
        DENY,
#endif
        /* What nobody has thought about yet; runtimes have another way for ENOSYS. */
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, NEWEST_CALL, 0, 1),
        ANSWER(SECCOMP_RET_ERRNO | ENOSYS),
        /* Threads, yes; processes and namespaces, no. The flags of clone3 lie in memory, where a filter cannot look: ENOSYS makes the C library
         * take clone. */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
        ANSWER(SECCOMP_RET_ERRNO | ENOSYS),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4),
        LOAD(args[0]),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
        DENY,
        ANSWER(SECCOMP_RET_ALLOW),
        /* The C library reads its own limits through prlimit64 with process 0. */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prlimit64, 0, 4),
        LOAD(args[0]),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
        DENY,
        ANSWER(SECCOMP_RET_ALLOW),
#ifdef SYS_fork
        DENY_CALL(SYS_fork),
        DENY_CALL(SYS_vfork),
#endif
        DENY_CALL(SYS_execve),
        DENY_CALL(SYS_execveat),
        DENY_CALL(SYS_unshare),
        DENY_CALL(SYS_setns),
        /* Other processes. Without a pid namespace, and with the broker's uid, nothing else would keep signals from the broker. */
        DENY_CALL_UNLESS(SYS_kill, 0, self),
        DENY_CALL_UNLESS(SYS_tgkill, 0, self),
        DENY_CALL_UNLESS(SYS_rt_sigqueueinfo, 0, self),
        DENY_CALL_UNLESS(SYS_rt_tgsigqueueinfo, 0, self),
        DENY_CALL(SYS_tkill),
        DENY_CALL_WITH(SYS_fcntl, 1, F_SETOWN),
        DENY_CALL_WITH(SYS_fcntl, 1, F_SETOWN_EX),
        DENY_CALL_WITH(SYS_fcntl, 1, F_SETSIG),
        DENY_CALL_WITH(SYS_ioctl, 1, FIOSETOWN),
        DENY_CALL_WITH(SYS_ioctl, 1, SIOCSPGRP),
        DENY_CALL_WITH(SYS_ioctl, 1, TIOCSTI),
        /* It ends with its parent, whatever it wants. */
        DENY_CALL_WITH(SYS_prctl, 0, PR_SET_PDEATHSIG),
        DENY_CALL(SYS_setpriority),
        DENY_CALL(SYS_sched_setscheduler),
        DENY_CALL(SYS_sched_setparam),
        DENY_CALL(SYS_sched_setattr),
        DENY_CALL(SYS_ioprio_set),
        DENY_CALL(SYS_move_pages),
        DENY_CALL(SYS_migrate_pages),
        DENY_CALL(SYS_ptrace),
        DENY_CALL(SYS_process_vm_readv),
        DENY_CALL(SYS_process_vm_writev),
        DENY_CALL(SYS_process_madvise),
        DENY_CALL(SYS_kcmp),
        DENY_CALL(SYS_pidfd_open),
        DENY_CALL(SYS_pidfd_getfd),
        DENY_CALL(SYS_pidfd_send_signal),
        /* Sockets: fd 3 is the only one. */
        DENY_CALL(SYS_socket),
        DENY_CALL(SYS_socketpair),
        DENY_CALL(SYS_connect),
        DENY_CALL(SYS_bind),
        DENY_CALL(SYS_listen),
        DENY_CALL(SYS_accept),
        DENY_CALL(SYS_accept4),
        /* Mounts and files by handle. */
        DENY_CALL(SYS_mount),
        DENY_CALL(SYS_umount2),
        DENY_CALL(SYS_pivot_root),
        DENY_CALL(SYS_chroot),
        DENY_CALL(SYS_open_tree),
        DENY_CALL(SYS_move_mount),
        DENY_CALL(SYS_fsopen),
        DENY_CALL(SYS_fsconfig),
        DENY_CALL(SYS_fsmount),
        DENY_CALL(SYS_fspick),
        DENY_CALL(SYS_mount_setattr),
        DENY_CALL(SYS_name_to_handle_at),
        DENY_CALL(SYS_open_by_handle_at),
        DENY_CALL(457), /* statmount */
        DENY_CALL(458), /* listmount */
        /* Parts of the kernel with a history. */
        DENY_CALL(SYS_bpf),
        DENY_CALL(SYS_perf_event_open),
        DENY_CALL(SYS_userfaultfd),
        DENY_CALL(SYS_io_uring_setup),
        DENY_CALL(SYS_io_uring_enter),
        DENY_CALL(SYS_io_uring_register),
        DENY_CALL(SYS_io_setup),
        DENY_CALL(447), /* memfd_secret */
        DENY_CALL(SYS_add_key),
        DENY_CALL(SYS_request_key),
        DENY_CALL(SYS_keyctl),
        DENY_CALL(SYS_fanotify_init),
        DENY_CALL(SYS_mq_open),
        DENY_CALL(SYS_shmget),
        DENY_CALL(SYS_msgget),
        DENY_CALL(SYS_semget),
        /* The machine. */
        DENY_CALL(SYS_kexec_load),
        DENY_CALL(SYS_kexec_file_load),
        DENY_CALL(SYS_init_module),
        DENY_CALL(SYS_finit_module),
        DENY_CALL(SYS_delete_module),
        DENY_CALL(SYS_reboot),
        DENY_CALL(SYS_swapon),
        DENY_CALL(SYS_swapoff),
        DENY_CALL(SYS_acct),
        DENY_CALL(SYS_sync),
        DENY_CALL(SYS_syncfs),
        DENY_CALL(SYS_vhangup),
        DENY_CALL(SYS_quotactl),
        DENY_CALL(SYS_syslog),
        DENY_CALL(SYS_settimeofday),
        DENY_CALL(SYS_clock_settime),
        DENY_CALL(SYS_adjtimex),
        DENY_CALL(SYS_clock_adjtime),
        DENY_CALL(SYS_sethostname),
        DENY_CALL(SYS_setdomainname),
        DENY_CALL(SYS_personality),
#ifdef SYS_iopl
        DENY_CALL(SYS_iopl),
        DENY_CALL(SYS_ioperm),
        DENY_CALL(SYS_modify_ldt),
#endif
        ANSWER(SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog filter = {.len = sizeof program / sizeof *program, .filter = program};
    /* Needs no-new-privileges or CAP_SYS_ADMIN; the former was set. TSYNC is not needed: there is one thread. */
    bool is_active = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
    layer_report("seccomp", is_active, "%s", is_active ? "no processes, sockets, mounts, tracing, signals to others" : strerror(errno));
}
