// SPDX-License-Identifier: Apache-2.0
/* Answers with a NUL in its document. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    return host->out_write(out, "{\"params\":\0{}}", 14);
}
