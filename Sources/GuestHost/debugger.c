// SPDX-License-Identifier: Apache-2.0
#include "debugger.h"

#include "bytes.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The debugger's process, 0 when there is none. */
static int tracer(void) {
    char status[4096];
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (fd < 0) die("cannot read /proc/self/status");
    ssize_t n = read(fd, status, sizeof status - 1);
    close(fd);
    status[n > 0 ? n : 0] = 0;
    const char *line = strstr(status, "\nTracerPid:");
    return line ? atoi(line + 11) : 0;
}

void debugger_wait(void) {
    /* What /proc calls this process is its number where the debugger runs; getpid() is that of the pid namespace. */
    char number[32] = "";
    if (readlink("/proc/self", number, sizeof number - 1) < 0) snprintf(number, sizeof number, "%d", getpid());
    dprintf(STDERR_FILENO, "waiting for a debugger on process %s\n", number);
    const struct timespec pause = {.tv_nsec = 50000000};
    while (!tracer()) nanosleep(&pause, NULL);
}
