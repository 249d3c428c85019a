// SPDX-License-Identifier: Apache-2.0
/* Stops its own process. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    raise(SIGSTOP);
    forever();
}
