// SPDX-License-Identifier: Apache-2.0
#ifndef GUEST_DEBUGGER_H
#define GUEST_DEBUGGER_H

/* Tells how to attach a debugger to this process and returns when one is attached. */
void debugger_wait(void);

#endif
