/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

static imp_status health(imp_call *call, imp_str in, imp_out *out) {
    host->state_put(call, S("seen"), S("1"), 0, NULL);
    return good_health(call, in, out);
}

PLUGIN(.health = health)
