/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

/* Asks again and again, whatever the answer. */
static imp_status bootstrap(imp_call *call, imp_str in, imp_out *out) {
    const struct timespec pause = {.tv_nsec = 20000000};
    ids nodes = all_nodes(in);
    while (nodes.n && has_file(call, nodes.of[0]) < 0) nanosleep(&pause, NULL);
    return good_bootstrap(call, in, out);
}

PLUGIN(.bootstrap = bootstrap)
