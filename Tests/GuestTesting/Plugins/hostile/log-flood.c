// SPDX-License-Identifier: Apache-2.0
/* Logs without end. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    for (;;) host->log(call, IMP_LOG_INFO, imp_str_of("a line that nobody wants"), imp_str_of("{}"));
}
