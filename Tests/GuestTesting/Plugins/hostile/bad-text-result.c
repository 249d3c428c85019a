// SPDX-License-Identifier: Apache-2.0
/* Answers with bytes that are not UTF-8. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    return host->out_write(out, "{\"params\":{\"x\":\"\xff\xfe\"}}", 20);
}
