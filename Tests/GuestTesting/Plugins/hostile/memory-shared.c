// SPDX-License-Identifier: Apache-2.0
/* Takes all memory as a shared mapping, which limits of a process do not count. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    size_t size = (size_t)64 << 30;
    char *all = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (all == MAP_FAILED) return fail_as(call, "escaped", strerror(errno));
    for (size_t i = 0; i < size; i += 4096) all[i] = 1;
    return IMP_OK;
}
