// SPDX-License-Identifier: Apache-2.0
/* Declares more types than there are. */
#define NTYPES 4000000000u
#include "hostile.h"

NO_ATTACK
