// SPDX-License-Identifier: Apache-2.0
/* Writes state in a verb that may not, past the guest host's own check. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    uint8_t reply[4096];
    frame(4, 0, id_of(call), 1, "\7\0\0\0\1\0\0\0k\1\0\0\0v\0\0\0\0\0\0\0\0", 22);
    ssize_t n = recv(3, reply, sizeof reply, 0);
    return fail_as(call, n > 28 && reply[24] == IMP_PRECONDITION ? "held" : "escaped", "state_put in a pure verb");
}
