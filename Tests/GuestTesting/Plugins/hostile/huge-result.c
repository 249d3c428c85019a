// SPDX-License-Identifier: Apache-2.0
/* Writes a result of 1 GiB. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    static char block[1 << 20];
    memset(block, ' ', sizeof block);
    imp_status status = IMP_OK;
    int n = 0;
    for (; n < 1024 && status == IMP_OK; n++) status = host->out_write(out, block, sizeof block);
    return status == IMP_EXHAUSTED && n <= 5 ? fail_as(call, "held", "bounded") : fail_as(call, "escaped", "1 GiB was taken");
}
