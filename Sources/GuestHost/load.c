// SPDX-License-Identifier: Apache-2.0
#include "plugin.h"
#include "frames.h"

#include <dlfcn.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

typedef const imp_plugin *(*entry_function)(uint32_t);

void refuse(const char *code, const char *why, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, why);
    vsnprintf(text, sizeof text, why, arguments);
    va_end(arguments);
    /* Texts of the linker or of the descriptor may be anything. */
    if (!is_utf8(imp_str_of(text)))
        for (char *c = text; *c; c++)
            if ((unsigned char)*c >= 0x80) *c = '?';
    buffer payload = {0};
    buffer_text(&payload, imp_str_of(code));
    buffer_text(&payload, imp_str_of(text));
    message_send(KIND_REFUSED, 0, 0, &payload);
    _exit(0);
}

/* RTLD_NODELETE, and never dlclose: a Swift or Go runtime in it cannot be unloaded. The file is named through its descriptor because this
 * process may not be allowed to walk to it by name any more. */
const imp_plugin *plugin_load(int fd, const char *path, uint32_t minor, bool by_name, int64_t *entry_ns) {
    char name[32];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    bool is_named = by_name && path[0] == '/' && access(path, R_OK) == 0;
    void *library = dlopen(is_named ? path : name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library) {
        const char *why = dlerror();
        refuse("load", "%s cannot be loaded: %s.", path, why ? why : "the linker gives no reason");
    }
    close(fd);
    void *symbol = dlsym(library, IMP_ENTRY);
    if (!symbol) refuse("no-entry", "%s does not export %s; is it a plugin, and of this draft of the ABI?", path, IMP_ENTRY);

    /* dlsym also finds the symbol in a library that this one links. */
    Dl_info info;
    struct link_map *map;
    if (!dladdr(symbol, &info) || dlinfo(library, RTLD_DI_LINKMAP, &map) || (uintptr_t)info.dli_fbase != (uintptr_t)map->l_addr)
        refuse("no-entry", "%s does not define %s itself: it comes from %s.", path, IMP_ENTRY, info.dli_fname);

    entry_function entry;
    memcpy(&entry, &symbol, sizeof entry); /* ISO C has no conversion from object to function pointers */
    int64_t before = monotonic_ns();
    const imp_plugin *plugin = entry(minor);
    *entry_ns = monotonic_ns() - before;
    if (!plugin) refuse("version", "%s answers NULL: it cannot be served by a host of minor version %u.", path, minor);
    return plugin;
}
