// SPDX-License-Identifier: Apache-2.0
/* Hands over lengths that are not. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    imp_str long_one = {"x", (size_t)1 << 40};
    uint64_t version = 0;
    imp_status status = host->state_get(call, long_one, out, &version);
    host->log(call, IMP_LOG_INFO, (imp_str){NULL, 100}, (imp_str){NULL, 100});
    imp_status second = host->out_write(out, "x", (size_t)-1);
    return fail_as(call, status != IMP_OK && second != IMP_OK ? "held" : "escaped", "lengths");
}
