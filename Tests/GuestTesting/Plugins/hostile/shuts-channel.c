// SPDX-License-Identifier: Apache-2.0
/* Shuts its channel down, and stays. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    shutdown(3, SHUT_RDWR);
    forever();
}
