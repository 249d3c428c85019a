// SPDX-License-Identifier: Apache-2.0
/* Touches memory that there is not in its entry. */
#define ON_ENTRY *(volatile int *)8 = 1
#include "hostile.h"

NO_ATTACK
