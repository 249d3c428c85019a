/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

/* Draws a new secret each time. */
static imp_status bootstrap(imp_call *call, imp_str in, imp_out *out) {
    uint64_t version = 0;
    char secret[32];
    imp_status status = host->secret_get(call, S("key"), NULL, &version);
    snprintf(secret, sizeof secret, "secret-%lu", (unsigned long)version);
    if (status == IMP_OK || status == IMP_NOT_FOUND) status = host->secret_put(call, S("key"), S(secret), version, NULL);
    return status == IMP_OK ? good_bootstrap(call, in, out) : status;
}

PLUGIN(.bootstrap = bootstrap)
