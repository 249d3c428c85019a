/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

/* Takes a note that it began for a note that it is done. */
static imp_status bootstrap(imp_call *call, imp_str in, imp_out *out) {
    ids nodes = all_nodes(in);
    nodes.n = nodes.n > 1 ? 1 : nodes.n;
    imp_status status = host->state_get(call, S("begun"), NULL, NULL);
    if (status == IMP_OK) return answer_joined(out, nodes);
    if (status == IMP_NOT_FOUND) status = host->state_put(call, S("begun"), S("1"), 0, NULL);
    return status == IMP_OK ? good_bootstrap(call, in, out) : status;
}

PLUGIN(.bootstrap = bootstrap)
