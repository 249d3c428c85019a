/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

static imp_status bootstrap(imp_call *call, imp_str in, imp_out *out) {
    ids nodes = all_nodes(in);
    nodes.n = nodes.n > 1 ? 1 : nodes.n;
    if (nodes.n) put_file(call, nodes.of[0], S("x"));
    return answer_joined(out, nodes);
}

PLUGIN(.bootstrap = bootstrap)
