/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

/* Says OK although it was cancelled and half is missing. */
static imp_status bootstrap(imp_call *call, imp_str in, imp_out *out) {
    imp_status status = good_bootstrap(call, in, out);
    return status == IMP_CANCELLED ? write_text(out, "{\"joined\":[]}") : status;
}

PLUGIN(.bootstrap = bootstrap)
