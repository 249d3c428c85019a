// SPDX-License-Identifier: Apache-2.0
/* Sends frames of its own without end. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    while (frame(5, 0, id_of(call), 0, "\2\0\0\0\1\0\0\0x\0\0\0\0", 13)) {}
    forever();
}
