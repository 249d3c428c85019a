// SPDX-License-Identifier: Apache-2.0
/* Declares types that lie nowhere. */
#define TYPES ((const imp_type *const *)(uintptr_t)64)
#include "hostile.h"

NO_ATTACK
