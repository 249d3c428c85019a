// SPDX-License-Identifier: Apache-2.0
#ifndef GUEST_TYPED_H
#define GUEST_TYPED_H

#include "call.h"

/* Reads the arguments, calls the operation's function through libffi and sends the RESULT with one value per out parameter. */
void typed_call(const imp_op *op, imp_call *call, reader *fields);

#endif
