// SPDX-License-Identifier: Apache-2.0
/* Calls host functions from another thread, and while that of the verb waits. */
#include "hostile.h"

static imp_call *current;
static imp_out *sink;
static int worked;

static void *meddle(void *nothing) {
    uint64_t version;
    worked += host->out_write(sink, "{}", 2) == IMP_OK;
    worked += host->state_get(current, imp_str_of("k"), sink, &version) == IMP_OK;
    worked += host->out_new(current, 0) != NULL;
    worked += host->context(current, sink) == IMP_OK;
    return nothing;
}

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    pthread_t thread;
    current = call;
    sink = out;
    pthread_create(&thread, NULL, meddle, NULL);
    pthread_join(thread, NULL);
    return fail_as(call, worked ? "escaped" : "held", "host functions from another thread");
}
