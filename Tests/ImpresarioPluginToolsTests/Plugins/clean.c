/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

PLUGIN(.flags = 0)
