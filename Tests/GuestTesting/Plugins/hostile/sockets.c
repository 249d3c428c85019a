// SPDX-License-Identifier: Apache-2.0
/* Talks to the world, to the broker's port and to sockets without a name in the file system. */
#include "hostile.h"
#include <sys/un.h>

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    static const int families[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK};
    static const char *const names[] = {"AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_PACKET", "AF_VSOCK"};
    for (size_t i = 0; i < 6; i++) tried(names[i], socket(families[i], SOCK_STREAM, 0) >= 0 || socket(families[i], SOCK_DGRAM, 0) >= 0);
    int pair[2];
    tried("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    /* Its one socket, given another peer. */
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0hostile"};
    tried("bind", bind(3, (struct sockaddr *)&name, sizeof name) == 0);
    tried("connect", connect(3, (struct sockaddr *)&name, sizeof name) == 0);
    return verdict(call);
}
