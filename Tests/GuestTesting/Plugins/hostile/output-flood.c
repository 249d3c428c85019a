// SPDX-License-Identifier: Apache-2.0
/* Writes to its output without end. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    for (;;) puts("a line that nobody wants");
}
