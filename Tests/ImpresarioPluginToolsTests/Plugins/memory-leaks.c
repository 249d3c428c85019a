/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

static imp_status plan(imp_call *call, imp_str in, imp_out *out) {
    char *copy = malloc(in.len + 1);
    if (!copy) return IMP_INTERNAL;
    memcpy(copy, in.ptr, in.len);
    *(char *volatile *)&copy = copy;
    return good_plan(call, in, out);
}

PLUGIN(.plan = plan)
