// SPDX-License-Identifier: Apache-2.0
#include "frames.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

typedef struct frame_header {
    uint8_t version, kind, flags, reserved;
    uint32_t length;
    uint64_t call, request;
} frame_header;

_Static_assert(sizeof(frame_header) == FRAME_HEADER, "the header travels as it lies in memory: little-endian, no padding");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "frames are little-endian");

static void send_frame(const frame_header *header, const uint8_t *payload) {
    struct iovec parts[2] = {{(void *)header, sizeof *header}, {(void *)payload, header->length}};
    struct msghdr datagram = {.msg_iov = parts, .msg_iovlen = header->length ? 2 : 1};
    while (sendmsg(FRAME_SOCKET, &datagram, MSG_NOSIGNAL) < 0) {
        if (errno == EINTR) continue;
        if (errno == EPIPE || errno == ECONNRESET) _exit(0);
        die("cannot send a frame: %s", strerror(errno));
    }
}

void message_send(uint8_t kind, uint64_t call, uint64_t request, const buffer *payload) {
    size_t at = 0, len = payload ? payload->len : 0;
    do {
        size_t part = len - at > FRAME_PAYLOAD ? FRAME_PAYLOAD : len - at;
        frame_header header = {
            .version = FRAME_VERSION,
            .kind = kind,
            .flags = at + part < len ? FRAME_MORE : 0,
            .length = (uint32_t)part,
            .call = call,
            .request = request,
        };
        send_frame(&header, len ? payload->bytes + at : NULL);
        at += part;
    } while (at < len);
}

/* False only with MSG_DONTWAIT and nothing there. */
static bool receive_frame(frame_header *header, uint8_t *payload, int flags) {
    struct iovec parts[2] = {{header, sizeof *header}, {payload, FRAME_PAYLOAD}};
    struct msghdr datagram = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t n;
    while ((n = recvmsg(FRAME_SOCKET, &datagram, flags)) < 0) {
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
        if (errno == ECONNRESET) _exit(0);
        die("cannot receive a frame: %s", strerror(errno));
    }
    if (n == 0) _exit(0); /* the broker is gone */
    if (datagram.msg_flags & MSG_TRUNC) die("bad frame: longer than %d bytes", FRAME_PAYLOAD);
    if (n < FRAME_HEADER || header->length != (size_t)n - FRAME_HEADER) die("bad frame: its length is wrong");
    if (header->version != FRAME_VERSION) die("bad frame: version %u", header->version);
    if ((header->flags & ~FRAME_MORE) || header->reserved) die("bad frame: unknown flags");
    if (header->kind < KIND_INVOKE_VERB || header->kind > KIND_CANCEL) die("bad frame: kind %u", header->kind);
    return true;
}

static bool receive(message *m, int flags) {
    static uint8_t payload[FRAME_PAYLOAD];
    frame_header header;
    if (!receive_frame(&header, payload, flags)) return false;
    m->kind = header.kind;
    m->call = header.call;
    m->request = header.request;
    m->payload.len = 0;
    size_t limit = header.kind == KIND_CANCEL ? 0 : MESSAGE_MAX;
    for (;;) {
        if (m->payload.len + header.length > limit) die("bad message: kind %u is longer than %zu bytes", m->kind, limit);
        buffer_append(&m->payload, payload, header.length);
        if (!(header.flags & FRAME_MORE)) return true;
        receive_frame(&header, payload, 0);
        if (header.kind != m->kind || header.call != m->call || header.request != m->request)
            die("bad frame: another message begins inside one");
    }
}

void message_receive(message *m) { receive(m, 0); }

bool message_poll(message *m) { return receive(m, MSG_DONTWAIT); }
