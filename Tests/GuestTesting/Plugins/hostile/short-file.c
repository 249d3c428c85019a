// SPDX-License-Identifier: Apache-2.0
/* Sends its result as a sealed file, which holds less than it says. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)in, (void)out;
    int file = result_file(15, ALL_SEALS);
    if (!result_in_files(id_of(call), 4 << 20, &file, 1)) return fail_as(call, "escaped", strerror(errno));
    forever();
}
