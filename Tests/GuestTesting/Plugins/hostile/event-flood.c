// SPDX-License-Identifier: Apache-2.0
/* Reports progress and events without end. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    for (uint32_t i = 0;; i++) {
        frame(6, 0, id_of(call), 0, "\1\0\0\0\1\0\0\0x", 9);
        frame(7, 0, id_of(call), 0, "\1\0\0\0x\2\0\0\0{}", 11);
    }
}
