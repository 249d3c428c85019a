// SPDX-License-Identifier: Apache-2.0
/* Sends its result as a sealed file of one GiB, all hole: it costs the plugin nothing and must not cost the broker anything. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)in, (void)out;
    int file = result_file(1 << 30, ALL_SEALS);
    if (!result_in_files(id_of(call), 1 << 30, &file, 1)) return fail_as(call, "escaped", strerror(errno));
    forever();
}
