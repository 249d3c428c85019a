// SPDX-License-Identifier: Apache-2.0
/* Never comes back in its constructor. */
#include "hostile.h"

__attribute__((constructor)) static void begin(void) { forever(); }

NO_ATTACK
