// SPDX-License-Identifier: Apache-2.0
/* Three processes where there is a pid namespace:
 *
 *   outer   the broker's child, in the broker's pid namespace; ends as the worker ended
 *     init  process 1 of the namespace; takes everything in it along when it dies
 *       worker  returns from fork_into_namespace and loads the plugin
 *
 * The worker is not process 1 itself because the kernel drops signals that process 1 sends to itself, abort() among them. A parent-death signal
 * links each to the one above. How the worker ended goes through a pipe: process 1 cannot end by a signal of its own either. */
#include "sandbox.h"

#include "frames.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Nothing of the outer two needs a privilege, except to outlive the worker. */
static void become_nobody(const sandbox_options *options) {
    /* Where that is not allowed, the worker finds the same and tells it as its layer. */
    if (options->uid && setgroups(0, NULL) == 0 && setresgid(options->uid, options->uid, options->uid) == 0 &&
        setresuid(options->uid, options->uid, options->uid))
        die("cannot become uid %u: %s", options->uid, strerror(errno));
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)) die("cannot ask for a parent-death signal: %s", strerror(errno));
}

static pid_t fork_or_die(void) {
    pid_t child = fork();
    if (child < 0) die("cannot fork: %s", strerror(errno));
    return child;
}

_Noreturn static void end_like(int status) {
    if (!WIFSIGNALED(status)) _exit(WEXITSTATUS(status));
    const struct rlimit none = {1, 1}; /* see limits() in sandbox.c */
    setrlimit(RLIMIT_CORE, &none);
    signal(WTERMSIG(status), SIG_DFL);
    raise(WTERMSIG(status));
    _exit(128 + WTERMSIG(status));
}

_Noreturn static void run_outer(const sandbox_options *options, pid_t init, int results) {
    close(FRAME_SOCKET); /* or the broker would see no end of file */
    become_nobody(options);
    if (options->parent && getppid() != options->parent) _exit(0);
    int status, own;
    ssize_t n;
    while ((n = read(results, &status, sizeof status)) < 0 && errno == EINTR) {}
    while (waitpid(init, &own, 0) < 0 && errno == EINTR) {}
    end_like(n == sizeof status ? status : own);
}

_Noreturn static void run_init(const sandbox_options *options, pid_t worker, int results) {
    close(FRAME_SOCKET);
    become_nobody(options);
    /* The outer process may have gone before the signal of its death was asked for; nobody reads the pipe then. */
    struct pollfd reader = {.fd = results};
    if (poll(&reader, 1, 0) > 0 && (reader.revents & POLLERR)) _exit(70);
    int status;
    bool was_stopped = false;
    for (pid_t ended;;) { /* reaps what else was left to process 1 */
        ended = waitpid(-1, &status, WUNTRACED);
        if (ended < 0 && errno != EINTR) _exit(70);
        if (ended != worker) continue;
        if (!WIFSTOPPED(status)) break;
        /* Nobody will wake it, and its call would wait for its deadline. */
        dprintf(STDERR_FILENO, "impresario-guest: the plugin's process was stopped by signal %d and is ended\n", WSTOPSIG(status));
        was_stopped = true;
        kill(worker, SIGKILL);
    }
    if (was_stopped) status = EXIT_STOPPED << 8;
    if (write(results, &status, sizeof status) < 0) _exit(70);
    _exit(0);
}

void fork_into_namespace(const sandbox_options *options) {
    int results[2];
    if (pipe2(results, O_CLOEXEC)) die("cannot make a pipe: %s", strerror(errno));
    pid_t init = fork_or_die();
    if (init) {
        close(results[1]);
        run_outer(options, init, results[0]);
    }
    close(results[0]);
    pid_t worker = fork_or_die();
    if (worker) run_init(options, worker, results[1]);
    close(results[1]);
}
