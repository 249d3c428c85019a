// SPDX-License-Identifier: Apache-2.0
/* Lacks a verb that it must have. */
#define BOOTSTRAP NULL
#include "hostile.h"

NO_ATTACK
