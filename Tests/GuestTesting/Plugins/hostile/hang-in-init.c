// SPDX-License-Identifier: Apache-2.0
/* Never comes back in its init. */
#define ON_INIT forever()
#include "hostile.h"

NO_ATTACK
