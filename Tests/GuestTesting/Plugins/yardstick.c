// SPDX-License-Identifier: Apache-2.0
/* What the machine gives: lines "name value unit", medians. The bounds of what calls into a guest can cost. */
#include <ffi.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 4000, BATCH = 1000 };

static double times[ROUNDS];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b) { return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b); }

static void tell(const char *name, double unit, const char *unit_name) {
    qsort(times, ROUNDS, sizeof *times, compare);
    printf("%s.p50 %.3f %s\n", name, times[ROUNDS / 2] / unit, unit_name);
}

/* As a typed operation: (call, in, out) -> status. */
__attribute__((noinline)) static int32_t add_one(void *call, int64_t a, int64_t *b) {
    __asm__ volatile("" : : "r"(call) : "memory");
    *b = a + 1;
    return 0;
}

static int32_t (*volatile direct)(void *, int64_t, int64_t *) = add_one;

static void calls(void) {
    int64_t in = 1, out, *out_pointer = &out;
    void *call = NULL, *arguments[] = {&call, &in, &out_pointer};
    ffi_type *types[] = {&ffi_type_pointer, &ffi_type_sint64, &ffi_type_pointer};
    ffi_cif cif;
    ffi_arg result;
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 3, &ffi_type_sint32, types) != FFI_OK) exit(1);
    for (int i = 0; i < ROUNDS; i++) {
        double start = now();
        for (int k = 0; k < BATCH; k++) direct(call, in, &out);
        times[i] = (now() - start) / BATCH;
    }
    tell("guest.direct-call", 1, "ns");
    for (int i = 0; i < ROUNDS; i++) {
        double start = now();
        for (int k = 0; k < BATCH; k++) ffi_call(&cif, FFI_FN(add_one), &result, arguments);
        times[i] = (now() - start) / BATCH;
    }
    tell("guest.ffi-call", 1, "ns");
}

static void stay_on(int core) {
    cpu_set_t cores;
    if (core < 0) return;
    CPU_ZERO(&cores);
    CPU_SET(core, &cores);
    sched_setaffinity(0, sizeof cores, &cores);
}

/* On cores of the scheduler's choice, unless they are given. */
static void echo(const char *name, size_t size, int core, int other_core) {
    static char packet[65536 + 24];
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair)) exit(1);
    pid_t child = fork();
    if (child == 0) {
        stay_on(other_core);
        close(pair[0]);
        for (ssize_t n; (n = recv(pair[1], packet, sizeof packet, 0)) > 0;)
            if (send(pair[1], packet, (size_t)n, 0) < 0) break;
        _exit(0);
    }
    close(pair[1]);
    cpu_set_t before;
    sched_getaffinity(0, sizeof before, &before);
    stay_on(core);
    for (int i = -ROUNDS / 10; i < ROUNDS; i++) {
        double start = now();
        if (send(pair[0], packet, size, 0) < 0 || recv(pair[0], packet, sizeof packet, 0) < 0) exit(1);
        if (i >= 0) times[i] = now() - start;
    }
    close(pair[0]);
    sched_setaffinity(0, sizeof before, &before);
    tell(name, 1e3, "us");
}

int main(void) {
    calls();
    echo("guest.yardstick.echo.64B", 64, -1, -1);
    echo("guest.yardstick.echo.64KiB", 65536, -1, -1);
    echo("guest.yardstick.echo.one-core", 64, 0, 0);
    if (sysconf(_SC_NPROCESSORS_ONLN) > 1) echo("guest.yardstick.echo.two-cores", 64, 0, 1);
}
