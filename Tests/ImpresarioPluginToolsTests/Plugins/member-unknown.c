/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

static imp_status validate(imp_call *call, imp_str in, imp_out *out) {
    if (memmem(in.ptr, in.len, "\"x-", 3)) return refuse(call, "/x", "There is a member that is not known.");
    return good_validate(call, in, out);
}

PLUGIN(.validate = validate)
