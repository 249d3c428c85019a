// SPDX-License-Identifier: Apache-2.0
#include "clinux_process.h"

#include "clinux_packet.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_DESCRIPTOR = 10 };

static int lift(int pair[2]) {
    for (int i = 0; i < 2; i++) {
        if (pair[i] >= FIRST_DESCRIPTOR) continue;
        int lifted = fcntl(pair[i], F_DUPFD_CLOEXEC, FIRST_DESCRIPTOR);
        int reason = errno;
        if (lifted < 0) {
            close(pair[0]);
            close(pair[1]);
            return -reason;
        }
        close(pair[i]);
        pair[i] = lifted;
    }
    return 0;
}

int clinux_packet_pair(int pair[2]) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) ? -errno : lift(pair); }

int clinux_output_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC)) return -errno;
    int failed = lift(ends);
    if (!failed) fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return failed;
}

int clinux_spawn(const char *path, char *const *argv, char *const *environment, int socket, int output) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawn_file_actions_adddup2(&actions, output, 2);
    posix_spawn_file_actions_adddup2(&actions, socket, 3);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
    pid_t process;
    int failed = posix_spawn(&process, path, &actions, &attributes, argv, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed ? -failed : process;
}

int clinux_process_open(pid_t process) {
    int descriptor = (int)syscall(SYS_pidfd_open, process, 0);
    return descriptor < 0 ? -errno : descriptor;
}

int clinux_process_kill(int process_descriptor, int signal) {
    return syscall(SYS_pidfd_send_signal, process_descriptor, signal, NULL, 0) ? -errno : 0;
}

int clinux_process_wait(int process_descriptor, int timeout_ms) {
    struct pollfd ended = {.fd = process_descriptor, .events = POLLIN};
    return poll(&ended, 1, timeout_ms) > 0;
}

int clinux_status_signal(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }

int clinux_status_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 0; }

int64_t clinux_monotonic(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int clinux_library_of(const char *symbol, char *path, size_t capacity) {
    Dl_info info;
    void *address = dlsym(RTLD_DEFAULT, symbol);
    if (!address || !dladdr(address, &info) || !info.dli_fname || !strstr(info.dli_fname, ".so")) return 0;
    snprintf(path, capacity, "%s", info.dli_fname);
    return 1;
}
