/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

/* Says that nodes are members on which nothing was done. */
static imp_status join(imp_call *call, imp_str in, imp_out *out) {
    (void)call;
    return answer_joined(out, args_nodes(in));
}

PLUGIN(.join = join)
