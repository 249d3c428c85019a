// SPDX-License-Identifier: Apache-2.0
/* Touches memory that there is not in a verb. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    *(volatile int *)8 = 1;
    return IMP_OK;
}
