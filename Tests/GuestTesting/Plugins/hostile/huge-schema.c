// SPDX-License-Identifier: Apache-2.0
/* Declares a schema that is longer than schemas may be. */
static char schema[1 << 20];
#define SCHEMA schema
#define ON_ENTRY memset(schema, ' ', sizeof schema - 1)
#include "hostile.h"

NO_ATTACK
