// SPDX-License-Identifier: Apache-2.0
/* Sends one result of 1 GiB in frames of its own. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    static uint8_t block[65536];
    for (int i = 0; i < 16384; i++)
        if (!frame(3, 1, id_of(call), 0, block, sizeof block)) break;
    forever();
}
