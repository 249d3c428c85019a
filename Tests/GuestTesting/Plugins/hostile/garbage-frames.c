// SPDX-License-Identifier: Apache-2.0
/* Writes noise to its channel. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    static uint8_t noise[4000];
    srand(1);
    for (size_t i = 0; i < sizeof noise; i++) noise[i] = (uint8_t)rand();
    for (size_t i = 0; i < 100; i++) send(3, noise + i * 30, 1 + i * 7, MSG_NOSIGNAL);
    forever();
}
