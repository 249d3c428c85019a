// SPDX-License-Identifier: Apache-2.0
/* Sends its result in more files than one, each of them in order. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)in, (void)out;
    int file = result_file(15, ALL_SEALS), files[40];
    for (size_t i = 0; i < 40; i++) files[i] = file;
    if (!result_in_files(id_of(call), 15, files, 40)) return fail_as(call, "escaped", strerror(errno));
    forever();
}
