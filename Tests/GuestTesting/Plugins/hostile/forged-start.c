// SPDX-License-Identifier: Apache-2.0
/* Answers a call before there is one. */
#include "hostile.h"

__attribute__((constructor)) static void begin(void) {
    uint8_t result[9] = {0};
    frame(3, 0, 1, 0, result, sizeof result);
}

NO_ATTACK
