/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

/* Does not look whether the secret is there. */
static imp_status bootstrap(imp_call *call, imp_str in, imp_out *out) {
    imp_status status = host->secret_put(call, S("once"), S("s"), 0, NULL);
    return status == IMP_OK ? good_bootstrap(call, in, out) : status;
}

PLUGIN(.bootstrap = bootstrap)
