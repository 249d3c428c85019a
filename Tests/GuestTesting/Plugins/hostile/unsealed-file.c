// SPDX-License-Identifier: Apache-2.0
/* Sends its result as a file that it could still change, though it does not. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)in, (void)out;
    int file = result_file(15, ALL_SEALS & ~F_SEAL_SHRINK & ~F_SEAL_SEAL);
    if (!result_in_files(id_of(call), 15, &file, 1)) return fail_as(call, "escaped", strerror(errno));
    forever();
}
