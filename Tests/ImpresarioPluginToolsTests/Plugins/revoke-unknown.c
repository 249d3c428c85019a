/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

static imp_status revoke(imp_call *call, imp_str in, imp_out *out) {
    (void)in, (void)out;
    uint64_t version = 0;
    imp_status status = host->state_get(call, S("bindings"), NULL, &version);
    return status == IMP_OK ? host->state_put(call, S("bindings"), (imp_str){NULL, 0}, version, NULL) : status;
}

PLUGIN(.revoke = revoke)
