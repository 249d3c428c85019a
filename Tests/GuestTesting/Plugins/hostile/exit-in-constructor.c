// SPDX-License-Identifier: Apache-2.0
/* Ends its process in its constructor. */
#include "hostile.h"

__attribute__((constructor)) static void begin(void) { exit(3); }

NO_ATTACK
