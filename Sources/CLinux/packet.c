// SPDX-License-Identifier: Apache-2.0
#include "clinux_packet.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

enum { PIECE = 1 << 20, SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

ssize_t clinux_packet_receive(int socket, void *bytes, size_t capacity, int *descriptor, int may_block) {
    /* Room for two: with more the kernel closes the rest and says so. */
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(2 * sizeof(int))];
    } control;
    struct iovec part = {bytes, capacity};
    struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t count;
    *descriptor = CLINUX_NO_DESCRIPTOR;
    while ((count = recvmsg(socket, &packet, MSG_TRUNC | MSG_CMSG_CLOEXEC | (may_block ? 0 : MSG_DONTWAIT))) < 0)
        if (errno != EINTR) return -errno;
    int is_bad = (packet.msg_flags & MSG_CTRUNC) != 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&packet); c; c = CMSG_NXTHDR(&packet, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
        for (size_t at = CMSG_LEN(0); at + sizeof(int) <= c->cmsg_len; at += sizeof(int)) {
            int came;
            memcpy(&came, (char *)c + at, sizeof came);
            if (*descriptor == CLINUX_NO_DESCRIPTOR && !is_bad) {
                *descriptor = came;
                continue;
            }
            close(came);
            is_bad = 1;
        }
    }
    if (is_bad) {
        if (*descriptor >= 0) close(*descriptor);
        *descriptor = CLINUX_BAD_DESCRIPTORS;
    }
    return count;
}

int clinux_packet_send(int socket, const void *header, size_t header_count, const void *payload, size_t count, const int *descriptors,
                       size_t descriptor_count, int may_block) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(CLINUX_MAX_DESCRIPTORS * sizeof(int))];
    } control = {0};
    struct iovec parts[2] = {{(void *)header, header_count}, {(void *)payload, count}};
    struct msghdr packet = {.msg_iov = parts, .msg_iovlen = count ? 2 : 1};
    if (descriptor_count > CLINUX_MAX_DESCRIPTORS) return -EINVAL;
    if (descriptor_count) {
        size_t size = descriptor_count * sizeof(int);
        packet.msg_control = &control;
        packet.msg_controllen = CMSG_SPACE(size);
        control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(size), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.header), descriptors, size);
    }
    while (sendmsg(socket, &packet, MSG_NOSIGNAL | (may_block ? 0 : MSG_DONTWAIT)) < 0)
        if (errno != EINTR) return -errno;
    return 0;
}

int clinux_sealed_make(const void *bytes, size_t count) {
    int file = memfd_create("impresario", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    if (file < 0 && errno == EINVAL) file = memfd_create("impresario", MFD_CLOEXEC | MFD_ALLOW_SEALING); /* before Linux 6.3 */
    if (file < 0) return -errno;
    for (size_t at = 0; at < count;) {
        ssize_t written = write(file, (const char *)bytes + at, count - at);
        if (written > 0) at += (size_t)written;
        else if (written == 0 || errno != EINTR) goto failed;
    }
    if (fcntl(file, F_ADD_SEALS, SEALS) == 0) return file;
failed:;
    int reason = errno;
    close(file);
    return reason ? -reason : -EIO;
}

int clinux_sealed_check(int descriptor, size_t count) {
    struct stat status;
    int seals = fcntl(descriptor, F_GET_SEALS);
    if (seals < 0 || fstat(descriptor, &status)) return -EBADF;
    if (!S_ISREG(status.st_mode)) return -EBADF;
    if ((seals & SEALS) != SEALS) return -EPERM;
    return status.st_size >= 0 && (size_t)status.st_size == count ? 0 : -ERANGE;
}

int clinux_sealed_read(int descriptor, void *bytes, size_t count) {
    for (size_t at = 0; at < count;) {
        ssize_t got = pread(descriptor, (char *)bytes + at, count - at < PIECE ? count - at : PIECE, (off_t)at);
        if (got > 0) at += (size_t)got;
        else if (got == 0) return -EIO;
        else if (errno != EINTR) return -errno;
    }
    return 0;
}

int clinux_watch_make(int socket) {
    int watch = epoll_create1(EPOLL_CLOEXEC);
    if (watch < 0) return -errno;
    struct epoll_event hang_up = {.events = EPOLLRDHUP, .data.u32 = CLINUX_WATCH_PACKET};
    if (epoll_ctl(watch, EPOLL_CTL_ADD, socket, &hang_up) == 0) return watch;
    int reason = errno;
    close(watch);
    return -reason;
}

int clinux_watch_packets(int watch, int socket, int is_on) {
    struct epoll_event event = {.events = EPOLLRDHUP | (is_on ? EPOLLIN : 0), .data.u32 = CLINUX_WATCH_PACKET};
    return epoll_ctl(watch, EPOLL_CTL_MOD, socket, &event) ? -errno : 0;
}

int clinux_watch_add(int watch, int descriptor, int bit) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)bit};
    return epoll_ctl(watch, EPOLL_CTL_ADD, descriptor, &event) ? -errno : 0;
}

int clinux_watch_remove(int watch, int descriptor) { return epoll_ctl(watch, EPOLL_CTL_DEL, descriptor, NULL) ? -errno : 0; }

int clinux_watch_wait(int watch) {
    struct epoll_event events[3];
    int count, bits = 0;
    while ((count = epoll_wait(watch, events, 3, -1)) < 0)
        if (errno != EINTR) return -errno;
    for (int i = 0; i < count; i++) {
        bits |= (int)events[i].data.u32;
        if (events[i].data.u32 == CLINUX_WATCH_PACKET && (events[i].events & (EPOLLHUP | EPOLLRDHUP | EPOLLERR))) bits |= CLINUX_WATCH_END;
    }
    return bits;
}
