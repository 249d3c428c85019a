// SPDX-License-Identifier: Apache-2.0
/* Sends its result as a file without seals, and cuts that off and makes it long again while the broker may be reading it. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)in, (void)out;
    int file = result_file(4 << 20, 0);
    if (!result_in_files(id_of(call), 4 << 20, &file, 1)) return fail_as(call, "escaped", strerror(errno));
    for (;;)
        if (ftruncate(file, 0) || ftruncate(file, 4 << 20)) perror("ftruncate");
}
