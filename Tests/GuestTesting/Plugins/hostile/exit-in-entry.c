// SPDX-License-Identifier: Apache-2.0
/* Ends its process in its entry. */
#define ON_ENTRY exit(3)
#include "hostile.h"

NO_ATTACK
