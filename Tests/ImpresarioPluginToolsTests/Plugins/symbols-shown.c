/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

IMP_EXPORT int planted_helper(void) { return 1; }

PLUGIN(.flags = 0)
