// SPDX-License-Identifier: Apache-2.0
/* Hangs up, and stays. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    close(3);
    forever();
}
