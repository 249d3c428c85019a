// SPDX-License-Identifier: Apache-2.0
/* Aborts in its entry. */
#define ON_ENTRY abort()
#include "hostile.h"

NO_ATTACK
