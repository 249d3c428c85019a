// SPDX-License-Identifier: Apache-2.0
/* Answers one call twice. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    static const char json[] = "{\"params\":{}}";
    uint8_t result[64] = {0};
    uint32_t one = 1, len = sizeof json - 1;
    memcpy(result + 5, &one, 4);
    memcpy(result + 9, &len, 4);
    memcpy(result + 13, json, len);
    frame(3, 0, id_of(call), 0, result, 13 + len);
    frame(3, 0, id_of(call), 0, result, 13 + len);
    forever();
}
