// SPDX-License-Identifier: Apache-2.0
/* Leaves its memory, with what a tenant trusted it with, in a core file. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY}, now;
    if (setrlimit(RLIMIT_CORE, &all) == 0) return fail_as(call, "escaped", "it raised its limit");
    if (getrlimit(RLIMIT_CORE, &now) || now.rlim_max > 1) return fail_as(call, "escaped", "it has a limit to dump with");
    abort();
}
