// SPDX-License-Identifier: Apache-2.0
#ifndef GUEST_INVOKE_H
#define GUEST_INVOKE_H

#include "call.h"
#include "frames.h"

/* Calls the plugin's init with a call of class [pure]; refuses the plugin when it fails. */
void invoke_init(const imp_plugin *plugin, const imp_host *host);

/* Runs what an INVOKE_VERB or INVOKE_OP asks for and sends its RESULT. */
void invoke(const imp_plugin *plugin, const message *m);

#endif
