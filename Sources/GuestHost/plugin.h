// SPDX-License-Identifier: Apache-2.0
/* The one library of this process: found good, or refused with a reason. */
#ifndef GUEST_PLUGIN_H
#define GUEST_PLUGIN_H

#include "bytes.h"

/* Verbs in the order of their members in imp_type. */
enum { VERB_COUNT = 12 };
extern const char *const verb_names[VERB_COUNT];
imp_verb verb_of(const imp_type *type, unsigned index);

/* Sends REFUSED and ends the process. `code` is stable, for programs. */
_Noreturn void refuse(const char *code, const char *why, ...) __attribute__((format(printf, 2, 3)));

/* Loads the library behind `fd` and asks its entry for the descriptor, as a host of this minor version.
 * `by_name` loads it by its path, where that can be read, so that a debugger finds the file. `entry_ns` becomes how long the entry took. */
const imp_plugin *plugin_load(int fd, const char *path, uint32_t minor, bool by_name, int64_t *entry_ns);

/* Checks every member of the descriptor and writes it as JSON; refuses with the path of the first member that is wrong. */
void plugin_describe(const imp_plugin *plugin, buffer *json);

#endif
