// SPDX-License-Identifier: Apache-2.0
/* Messages over the SEQPACKET socket on fd 3, as docs/abi/frames.md says. */
#ifndef GUEST_FRAMES_H
#define GUEST_FRAMES_H

#include "bytes.h"

enum {
    FRAME_SOCKET = 3,
    FRAME_VERSION = 1,
    FRAME_HEADER = 24,
    FRAME_PAYLOAD = 65536,
    FRAME_MORE = 1,   /* the message goes on in the next frame */
    FRAME_SEALED = 2, /* the payload is the size of the message's, which is in the sealed file that comes along */
    SEALED_FROM = 3 * FRAME_PAYLOAD + 1, /* bytes of a message from which on it goes by a sealed file */
    MESSAGE_MAX = 20 << 20, /* of an invocation or a reply; IMP_MAX_REQUEST and room for what surrounds it */
};

/* Guest to broker below 16, broker to guest from 16 on. */
enum {
    KIND_READY = 1,
    KIND_REFUSED = 2,
    KIND_RESULT = 3,
    KIND_REQUEST = 4,
    KIND_LOG = 5,
    KIND_PROGRESS = 6,
    KIND_EVENT = 7,
    KIND_INVOKE_VERB = 16,
    KIND_INVOKE_OP = 17,
    KIND_REPLY = 18,
    KIND_CANCEL = 19,
};

typedef struct message {
    uint8_t kind;
    uint64_t call, request;
    buffer payload; /* reused from message to message */
} message;

/* Sends a message in as many frames as it needs. Ends the process when the broker is gone. */
void message_send(uint8_t kind, uint64_t call, uint64_t request, const buffer *payload);

/* Waits for a whole message. Ends the process at end of file (0) and at a bad frame (70). */
void message_receive(message *m);

/* As message_receive, but answers false at once when no frame is waiting. */
bool message_poll(message *m);

#endif
