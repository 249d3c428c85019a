// SPDX-License-Identifier: Apache-2.0
/* Asks for a state key in the name of another call. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    frame(4, 0, id_of(call) + 1000, 1, "\6\0\0\0\1\0\0\0k", 9);
    forever();
}
