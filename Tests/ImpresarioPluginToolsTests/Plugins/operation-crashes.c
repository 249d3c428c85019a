/* SPDX-License-Identifier: Apache-2.0 */
#include <impresario/plugin.h>

/* A text that is left out is NULL. */
static imp_status length(imp_call *call, const char *text, uint32_t *result) {
    (void)call;
    *result = (uint32_t)strlen(text);
    return IMP_OK;
}
#define LENGTH length
#include "planted.h"

PLUGIN(.flags = 0)
