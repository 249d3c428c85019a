// SPDX-License-Identifier: Apache-2.0
#include "debugger.h"

#include "bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Of the machine's /proc: a debugger's process is in no other, and neither is this one by the number that the debugger needs. */
static int status_file = -1;
static char process[32];

void debugger_expect(void) {
    status_file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (status_file < 0 || readlink("/proc/self", process, sizeof process - 1) < 0)
        die("no debugger can be waited for: /proc cannot be read: %s", strerror(errno));
}

/* The debugger's process, 0 when there is none. */
static int tracer(void) {
    char status[4096];
    ssize_t n = pread(status_file, status, sizeof status - 1, 0);
    status[n > 0 ? n : 0] = 0;
    const char *line = strstr(status, "\nTracerPid:");
    return line ? atoi(line + 11) : 0;
}

void debugger_wait(void) {
    dprintf(STDERR_FILENO, "waiting for a debugger on process %s\n", process);
    const struct timespec pause = {.tv_nsec = 50000000};
    while (!tracer()) nanosleep(&pause, NULL);
    close(status_file); /* not the plugin's to read */
}
