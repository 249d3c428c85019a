/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

static imp_status plan(imp_call *call, imp_str in, imp_out *out) {
    static int calls;
    char text[256];
    (void)call, (void)in;
    snprintf(text, sizeof text, "{\"groups\":[{\"name\":\"node\",\"role\":\"node\",\"count\":3,\"flavor\":\"tiny\"}],\"version\":\"%d\"}", ++calls);
    return write_text(out, text);
}

PLUGIN(.plan = plan)
