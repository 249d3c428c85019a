// SPDX-License-Identifier: Apache-2.0
/* Reads what the broker keeps. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    static const char *const files[] = {"", "/admin.token", "/secret.key", "/store.sqlite", "/installation", "/plugins", "/local"};
    char data[512], path[600];
    snprintf(data, sizeof data, "%s", member(in, "data"));
    if (!*data) return fail_as(call, "escaped", "the test names no folder");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s%s", data, files[i]);
        tried(path, reads(path));
    }
    tried("rename", rename(data, "/tmp/mine") == 0);
    tried("unlink", unlink(path) == 0);
    return verdict(call);
}
