// SPDX-License-Identifier: Apache-2.0
/* Answers a call that is not its own. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    uint8_t result[9] = {0};
    frame(3, 0, id_of(call) + 1, 0, result, sizeof result);
    forever();
}
