// SPDX-License-Identifier: Apache-2.0
/* Aborts in a verb. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    fputs("first words\nlast words\n", stderr);
    abort();
}
