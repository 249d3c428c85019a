// SPDX-License-Identifier: Apache-2.0
#ifndef GUEST_INVOKE_H
#define GUEST_INVOKE_H

#include "call.h"
#include "frames.h"

/* Calls the plugin's init with a call of class [pure]; refuses the plugin when it fails. */
void invoke_init(const imp_plugin *plugin, const imp_host *host);

/* Runs what each INVOKE_VERB or INVOKE_OP asks for and sends its RESULT, until the broker is gone. */
_Noreturn void invoke_all(const imp_plugin *plugin);

#endif
