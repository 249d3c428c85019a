// SPDX-License-Identifier: Apache-2.0
/* Declares a list without an end. */
#define PACKAGES packages
static const char *const packages[1000] = {[0 ... 999] = "x"};
#include "hostile.h"

NO_ATTACK
