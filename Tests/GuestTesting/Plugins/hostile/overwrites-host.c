// SPDX-License-Identifier: Apache-2.0
/* Writes over the host's table and its memory. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    long page = sysconf(_SC_PAGESIZE);
    char *start = (char *)((uintptr_t)host & ~(uintptr_t)(page - 1));
    if (mprotect(start, (size_t)page, PROT_READ | PROT_WRITE) == 0) memset(start, 0, (size_t)page);
    host->log(call, IMP_LOG_INFO, imp_str_of("x"), imp_str_of(""));
    return IMP_OK;
}
