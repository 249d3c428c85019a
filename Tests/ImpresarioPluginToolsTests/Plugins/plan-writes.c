/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

static imp_status plan(imp_call *call, imp_str in, imp_out *out) {
    put_file(call, S("n1"), S("x"));
    return good_plan(call, in, out);
}

PLUGIN(.plan = plan)
