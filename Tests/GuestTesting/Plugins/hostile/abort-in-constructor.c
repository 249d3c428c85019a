// SPDX-License-Identifier: Apache-2.0
/* Aborts in its constructor. */
#include "hostile.h"

__attribute__((constructor)) static void begin(void) { abort(); }

NO_ATTACK
