/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

static imp_status validate(imp_call *call, imp_str in, imp_out *out) {
    if (wanted(in) > 3) return refuse(call, "nodes", "Too many nodes.");
    return good_validate(call, in, out);
}

PLUGIN(.validate = validate)
