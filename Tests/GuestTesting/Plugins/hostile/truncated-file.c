// SPDX-License-Identifier: Apache-2.0
/* Sends its result as a file without a name, and cuts that off while the broker reads it. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)in, (void)out;
    struct {
        uint8_t version, kind, flags, reserved;
        uint32_t length;
        uint64_t call, request, size;
    } packet = {1, 3, 2, 0, 8, id_of(call), 0, 4 << 20};
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.head = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    struct iovec part = {&packet, sizeof packet};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    int fd = memfd_create("result", MFD_ALLOW_SEALING);
    if (ftruncate(fd, 4 << 20)) return fail_as(call, "escaped", strerror(errno));
    memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
    sendmsg(3, &message, MSG_NOSIGNAL);
    if (ftruncate(fd, 0)) perror("ftruncate");
    forever();
}
