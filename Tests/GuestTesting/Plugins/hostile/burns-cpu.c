// SPDX-License-Identifier: Apache-2.0
/* Computes for ever in many threads. */
#include "hostile.h"

static void *burn(void *nothing) {
    for (volatile unsigned n = 0;; n++) {}
    return nothing;
}

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    pthread_t thread;
    for (int i = 0; i < 100; i++) pthread_create(&thread, NULL, burn, NULL);
    burn(NULL);
    return IMP_OK;
}
