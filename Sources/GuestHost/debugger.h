// SPDX-License-Identifier: Apache-2.0
#ifndef GUEST_DEBUGGER_H
#define GUEST_DEBUGGER_H

/* Looks up what the wait needs, while the machine's /proc is at hand. */
void debugger_expect(void);
/* Tells this process's number and returns when a debugger is attached. */
void debugger_wait(void);

#endif
