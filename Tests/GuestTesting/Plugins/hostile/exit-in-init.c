// SPDX-License-Identifier: Apache-2.0
/* Ends its process in its init. */
#define ON_INIT exit(3)
#include "hostile.h"

NO_ATTACK
