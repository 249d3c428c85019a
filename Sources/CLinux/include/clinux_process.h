// SPDX-License-Identifier: Apache-2.0
/* Child processes that talk through a packet socket. Functions that fail answer -errno. */
#ifndef CLINUX_PROCESS_H
#define CLINUX_PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A pipe, closed on exec, numbered from 10 on so that its ends cannot be taken for standard ones. The reading end, pipe[0], does not block. */
int clinux_output_pipe(int pipe[2]);

/* Starts `path` in a session of its own with default signals: stdin is /dev/null, stdout and stderr are `output`, descriptor 3 is `socket`. Returns
 * the process id. */
int clinux_spawn(const char *path, char *const *argv, char *const *environment, int socket, int output);

/* A descriptor that stands for the process, however often its number is used again. */
int clinux_process_open(pid_t process);
int clinux_process_kill(int process_descriptor, int signal);

/* Waits until the process has ended. 0 when it has not within `timeout_ms`. */
int clinux_process_wait(int process_descriptor, int timeout_ms);

/* The signal that ended a process, or 0, from the status of waitpid. */
int clinux_status_signal(int status);
int clinux_status_code(int status);

/* Nanoseconds of CLOCK_MONOTONIC. */
int64_t clinux_monotonic(void);

/* The path of the shared library that defines `symbol` in this process, 0 when it is linked statically or not there. */
int clinux_library_of(const char *symbol, char *path, size_t capacity);

#endif
