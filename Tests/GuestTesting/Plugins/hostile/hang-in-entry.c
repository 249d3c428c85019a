// SPDX-License-Identifier: Apache-2.0
/* Never comes back in its entry. */
#define ON_ENTRY forever()
#include "hostile.h"

NO_ATTACK
