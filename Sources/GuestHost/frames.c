// SPDX-License-Identifier: Apache-2.0
#include "frames.h"

#include <clinux_packet.h>
#include <errno.h>
#include <unistd.h>

typedef struct frame_header {
    uint8_t version, kind, flags, reserved;
    uint32_t length;
    uint64_t call, request;
} frame_header;

_Static_assert(sizeof(frame_header) == FRAME_HEADER, "the header travels as it lies in memory: little-endian, no padding");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "frames are little-endian");

static struct {
    frame_header header;
    uint8_t payload[FRAME_PAYLOAD];
} packet;

static void send_frame(frame_header header, const void *payload, size_t length, int descriptor) {
    header.length = (uint32_t)length;
    int failed = clinux_packet_send(FRAME_SOCKET, &header, sizeof header, payload, length, &descriptor, descriptor >= 0, 1);
    if (failed == -EPIPE || failed == -ECONNRESET) _exit(0);
    if (failed) die("cannot send a frame: %s", strerror(-failed));
}

/* False when no such file can be had here; frames do as well. */
static bool send_sealed(frame_header header, const buffer *payload) {
    int file = clinux_sealed_make(payload->bytes, payload->len);
    if (file < 0) return false;
    uint64_t size = payload->len;
    header.flags = FRAME_SEALED;
    send_frame(header, &size, sizeof size, file);
    close(file);
    return true;
}

void message_send(uint8_t kind, uint64_t call, uint64_t request, const buffer *payload) {
    size_t at = 0, len = payload ? payload->len : 0;
    frame_header header = {.version = FRAME_VERSION, .kind = kind, .call = call, .request = request};
    if (len >= SEALED_FROM && send_sealed(header, payload)) return;
    do {
        size_t part = len - at > FRAME_PAYLOAD ? FRAME_PAYLOAD : len - at;
        header.flags = at + part < len ? FRAME_MORE : 0;
        send_frame(header, len ? payload->bytes + at : NULL, part, -1);
        at += part;
    } while (at < len);
}

/* The packet that is next, and the descriptor that came along or -1. False only without `may_block` and with nothing there. */
static bool receive_frame(int *descriptor, bool may_block) {
    ssize_t n = clinux_packet_receive(FRAME_SOCKET, &packet, sizeof packet, descriptor, may_block);
    if (n == -EAGAIN) return false;
    if (n == 0 || n == -ECONNRESET) _exit(0); /* the broker is gone */
    if (n < 0) die("cannot receive a frame: %s", strerror((int)-n));
    const frame_header *header = &packet.header;
    if ((size_t)n > sizeof packet) die("bad frame: longer than %d bytes", FRAME_PAYLOAD);
    if (n < FRAME_HEADER || header->length != (size_t)n - FRAME_HEADER) die("bad frame: its length is wrong");
    if (header->version != FRAME_VERSION) die("bad frame: version %u", header->version);
    if ((header->flags & ~(FRAME_MORE | FRAME_SEALED)) || header->reserved) die("bad frame: unknown flags");
    if (header->kind < KIND_INVOKE_VERB || header->kind > KIND_CANCEL) die("bad frame: kind %u", header->kind);
    bool is_sealed = header->flags == FRAME_SEALED && header->length == sizeof(uint64_t);
    if ((header->flags & FRAME_SEALED) && !is_sealed) die("bad frame: one with a sealed file is a message of its own");
    if (is_sealed ? *descriptor < 0 : *descriptor != CLINUX_NO_DESCRIPTOR) die("bad frame: a descriptor too many or too few came along");
    return true;
}

static void take_sealed(int file, size_t limit, buffer *payload) {
    uint64_t size;
    memcpy(&size, packet.payload, sizeof size);
    if (size > limit) die("bad message: kind %u is longer than %zu bytes", packet.header.kind, limit);
    int failed = clinux_sealed_check(file, size);
    if (failed) die("bad frame: its file is not sealed or not of the size that was told: %s", strerror(-failed));
    buffer_reserve(payload, size);
    if ((failed = clinux_sealed_read(file, payload->bytes, size))) die("cannot read a sealed file: %s", strerror(-failed));
    payload->len = size;
    close(file);
}

static bool receive(message *m, bool may_block) {
    const frame_header *header = &packet.header;
    int descriptor;
    if (!receive_frame(&descriptor, may_block)) return false;
    m->kind = header->kind;
    m->call = header->call;
    m->request = header->request;
    m->payload.len = 0;
    size_t limit = header->kind == KIND_CANCEL ? 0 : MESSAGE_MAX;
    if (header->flags & FRAME_SEALED) {
        take_sealed(descriptor, limit, &m->payload);
        return true;
    }
    for (;;) {
        if (m->payload.len + header->length > limit) die("bad message: kind %u is longer than %zu bytes", m->kind, limit);
        buffer_append(&m->payload, packet.payload, header->length);
        if (!(header->flags & FRAME_MORE)) return true;
        receive_frame(&descriptor, true);
        if (header->kind != m->kind || header->call != m->call || header->request != m->request || (header->flags & FRAME_SEALED))
            die("bad frame: another message begins inside one");
    }
}

void message_receive(message *m) { receive(m, true); }

bool message_poll(message *m) { return receive(m, false); }
