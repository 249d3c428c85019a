/* SPDX-License-Identifier: Apache-2.0 */
#define ENTRY nanosleep(&(struct timespec){.tv_nsec = 80000000}, NULL)
#include "planted.h"

PLUGIN(.flags = 0)
