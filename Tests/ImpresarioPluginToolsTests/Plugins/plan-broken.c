/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

static imp_status plan(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in;
    return write_text(out, "{\"groups\":[{\"name\":\"node\",\"role\":\"node\",\"count\":\"three\",\"flavor\":\"tiny\"}]}");
}

PLUGIN(.plan = plan)
