// SPDX-License-Identifier: Apache-2.0
/* Hands the broker descriptors that it did not ask for, with a frame that is in order. */
#include "hostile.h"

static imp_status attack(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(200 * sizeof(int))];
    } control;
    struct {
        uint8_t version, kind, flags, reserved;
        uint32_t length;
        uint64_t call, request;
        uint8_t payload[13];
    } __attribute__((packed)) packet = {1, 5, 0, 0, 13, id_of(call), 0, "\2\0\0\0\1\0\0\0x\0\0\0"};
    struct iovec part = {&packet, sizeof packet};
    bool is_sent = false;
    for (int i = 0; i < 100; i++) {
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
        control.head = (struct cmsghdr){.cmsg_len = CMSG_LEN(200 * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        for (int k = 0; k < 200; k++) memcpy(CMSG_DATA(&control.head) + k * sizeof(int), &(int){0}, sizeof(int));
        if (sendmsg(3, &message, MSG_NOSIGNAL) < 0) break;
        is_sent = true;
    }
    if (!is_sent) return fail_as(call, "held", "none could be sent");
    forever();
}
