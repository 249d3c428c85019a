// SPDX-License-Identifier: Apache-2.0
/* The neighbour that does nothing wrong, by which the others' harm is measured. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    return fail_as(call, "calm", "as ever");
}
