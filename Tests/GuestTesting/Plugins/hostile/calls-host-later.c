// SPDX-License-Identifier: Apache-2.0
/* Keeps a call and calls the host when it is over. */
#include "hostile.h"

static imp_call *earlier;
static int worked;

static void *later(void *nothing) {
    for (int i = 0; i < 100; i++) {
        worked += host->context(earlier, NULL) == IMP_OK;
        host->log(earlier, IMP_LOG_INFO, imp_str_of("a line of nobody's"), imp_str_of(""));
        usleep(1000);
    }
    return nothing;
}

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    uint64_t version = 0;
    if (!earlier) {
        pthread_t thread;
        earlier = call;
        pthread_create(&thread, NULL, later, NULL);
        return fail_as(call, "first", "to be called again");
    }
    host->state_get(earlier == call ? (imp_call *)told : earlier, imp_str_of("k"), out, &version);
    return fail_as(call, worked ? "escaped" : "held", "host functions of a call that is over");
}
