// SPDX-License-Identifier: Apache-2.0
/* Declares types and has none. */
#define TYPES NULL
#include "hostile.h"

NO_ATTACK
