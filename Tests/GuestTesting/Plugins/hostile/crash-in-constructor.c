// SPDX-License-Identifier: Apache-2.0
/* Touches memory that there is not in its constructor. */
#include "hostile.h"

__attribute__((constructor)) static void begin(void) { *(volatile int *)8 = 1; }

NO_ATTACK
