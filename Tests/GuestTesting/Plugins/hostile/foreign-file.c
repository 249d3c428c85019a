// SPDX-License-Identifier: Apache-2.0
/* Sends, as the file with its result, a pipe that never ends. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)in, (void)out;
    int ends[2];
    if (pipe(ends) || !result_in_files(id_of(call), 15, ends, 1)) return fail_as(call, "escaped", strerror(errno));
    forever();
}
