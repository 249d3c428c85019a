// SPDX-License-Identifier: Apache-2.0
/* Ends its process in a verb. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    exit(7);
}
