// SPDX-License-Identifier: Apache-2.0
/* Takes all memory as files without a name, never mapped. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    static char block[1 << 20];
    for (;;) {
        int fd = memfd_create("much", 0);
        if (fd < 0) break;
        for (int i = 0; i < 16; i++)
            if (write(fd, block, sizeof block) < 0) return fail_as(call, "escaped", strerror(errno));
    }
    return fail_as(call, "escaped", strerror(errno));
}
