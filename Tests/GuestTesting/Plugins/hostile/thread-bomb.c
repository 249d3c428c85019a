// SPDX-License-Identifier: Apache-2.0
/* Starts threads until it may not. */
#include "hostile.h"

static void *sleeper(void *nothing) {
    (void)nothing;
    forever();
}

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    int n = 0;
    for (pthread_t thread; n < 5000 && pthread_create(&thread, NULL, sleeper, NULL) == 0; n++) {}
    char text[64];
    snprintf(text, sizeof text, "%d threads", n);
    errno = EAGAIN;
    tried(text, n > 128);
    return verdict(call);
}
