// SPDX-License-Identifier: Apache-2.0
/* Writes over what the host keeps of its call. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    memset(call, 0xff, 256);
    memset(out, 0xff, 32);
    host->out_write(out, "{}", 2);
    return IMP_OK;
}
