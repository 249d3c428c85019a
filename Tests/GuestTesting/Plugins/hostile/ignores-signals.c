// SPDX-License-Identifier: Apache-2.0
/* Never comes back, and ignores every signal that can be ignored. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    for (int signal_number = 1; signal_number < 65; signal_number++) signal(signal_number, SIG_IGN);
    for (;;) usleep(1000);
}
