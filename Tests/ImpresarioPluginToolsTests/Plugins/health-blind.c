/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

static imp_status health(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in;
    return write_text(out, "{\"health\":\"healthy\"}");
}

PLUGIN(.health = health)
