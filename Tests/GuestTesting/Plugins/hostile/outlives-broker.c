// SPDX-License-Identifier: Apache-2.0
/* Wants to live on when the broker does not. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    prctl(PR_SET_PDEATHSIG, 0);
    setsid();
    for (int signal_number = 1; signal_number < 65; signal_number++) signal(signal_number, SIG_IGN);
    for (;;) {}
}
