// SPDX-License-Identifier: Apache-2.0
/* Fails with texts that are none. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    imp_problem problem = {.struct_size = sizeof problem, .flags = ~0u, .retry_after_ms = ~0u, .owner = ~0u};
    problem.code = (imp_str){"\xff\xff", 2};
    problem.field = (imp_str){NULL, 1 << 30};
    problem.message = (imp_str){"a\0b", 3};
    return host->fail(call, 123456, &problem);
}
