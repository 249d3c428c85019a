// SPDX-License-Identifier: Apache-2.0
/* Opens all that it may, and keeps it. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    int n = 0;
    while (n < 100000 && (dup(0) >= 0 || memfd_create("x", 0) >= 0)) n++;
    char text[64];
    snprintf(text, sizeof text, "%d descriptors", n);
    tried(text, n > 256);
    return verdict(call);
}
