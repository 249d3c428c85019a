/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

static imp_status destroy(imp_call *call, imp_str in, imp_out *out) {
    (void)in, (void)out;
    return host->state_put(call, S("destroyed"), S("1"), 0, NULL);
}

PLUGIN(.destroy = destroy)
