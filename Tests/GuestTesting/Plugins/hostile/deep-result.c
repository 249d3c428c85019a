// SPDX-License-Identifier: Apache-2.0
/* Answers with a document that is nested two million deep. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    static char block[1 << 20];
    memset(block, '[', sizeof block);
    host->out_write(out, "{\"params\":", 10);
    for (int i = 0; i < 2; i++) host->out_write(out, block, sizeof block);
    return IMP_OK;
}
