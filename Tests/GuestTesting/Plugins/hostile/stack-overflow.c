// SPDX-License-Identifier: Apache-2.0
/* Calls itself without end. */
#pragma GCC diagnostic ignored "-Winfinite-recursion"
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    volatile char block[4096] = {(char)in.len};
    if (block[0] != 1) attack(call, in, out);
    return block[0] ? IMP_OK : IMP_BUSY;
}
