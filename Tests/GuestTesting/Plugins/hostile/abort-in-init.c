// SPDX-License-Identifier: Apache-2.0
/* Aborts in its init. */
#define ON_INIT abort()
#include "hostile.h"

NO_ATTACK
