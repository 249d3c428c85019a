// SPDX-License-Identifier: Apache-2.0
/* Writes a frame that is longer than frames may be. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    static uint8_t packet[150000] = {1, 5};
    uint32_t length = sizeof packet - 24;
    uint64_t id = id_of(call);
    memcpy(packet + 4, &length, 4);
    memcpy(packet + 8, &id, 8);
    send(3, packet, sizeof packet, MSG_NOSIGNAL);
    forever();
}
