/* SPDX-License-Identifier: Apache-2.0 */
#include "planted.h"

/* Never thinks of a document without the member. */
static imp_status validate(imp_call *call, imp_str in, imp_out *out) {
    volatile const char *at = memmem(in.ptr, in.len, "\"params\":{\"nodes\":", 18);
    return at[18] ? good_validate(call, in, out) : IMP_INVALID;
}

PLUGIN(.validate = validate)
