/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

/* Takes every host for one that knows extensions. */
static imp_status init(const imp_host *given, imp_call *call) {
    (void)call;
    host = given;
    return *(const volatile int *)given->get_extension(given, "imp.none/1") ? IMP_OK : IMP_INTERNAL;
}

#define good_init init
PLUGIN(.flags = 0)
