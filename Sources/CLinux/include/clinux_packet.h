// SPDX-License-Identifier: Apache-2.0
/* Packets over a SEQPACKET socket, the sealed files in memory that come along with them, and waiting for both. Functions that fail answer
 * -errno. */
#ifndef CLINUX_PACKET_H
#define CLINUX_PACKET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A connected pair of SOCK_SEQPACKET sockets, closed on exec, numbered from 10 on so that they cannot be taken for standard ones. */
int clinux_packet_pair(int pair[2]);

enum { CLINUX_NO_DESCRIPTOR = -1, CLINUX_BAD_DESCRIPTORS = -2 };

/* Receives one packet. More than `capacity` when it was longer and has been cut. `descriptor` becomes the one that came along and is the caller's to
 * close, CLINUX_NO_DESCRIPTOR, or CLINUX_BAD_DESCRIPTORS when several came or some were lost; those are closed. With `may_block` 0: -EAGAIN when
 * nothing is there. */
ssize_t clinux_packet_receive(int socket, void *bytes, size_t capacity, int *descriptor, int may_block);

enum { CLINUX_MAX_DESCRIPTORS = 4 };

/* Sends header and payload as one packet, and copies of the descriptors along with it. With `may_block` 0: -EAGAIN when the socket is full. */
int clinux_packet_send(int socket, const void *header, size_t header_count, const void *payload, size_t count, const int *descriptors,
                       size_t descriptor_count, int may_block);

/* A file in memory that holds these bytes and can never be changed again. */
int clinux_sealed_make(const void *bytes, size_t count);

/* 0 when the descriptor is a file in memory, sealed against every change, that holds exactly `count` bytes: -EBADF when it is another kind of
 * file, -EPERM when seals are missing, -ERANGE when it has another size. */
int clinux_sealed_check(int descriptor, size_t count);

/* Reads `count` bytes from the start, a piece at a time. Never mapped: what is read is the reader's own, whatever the sender does. */
int clinux_sealed_read(int descriptor, void *bytes, size_t count);

/* A set of descriptors that one thread waits for. Bits of what clinux_watch_wait answers: */
enum {
    CLINUX_WATCH_PACKET = 1, /* the socket can be read */
    CLINUX_WATCH_OUTPUT = 2, /* the pipe can be read or is at its end */
    CLINUX_WATCH_END = 4,    /* the socket hung up or the process has ended */
};

/* Watches the socket, for a hang-up only. */
int clinux_watch_make(int socket);

/* Whether the socket is watched for packets too. Also while the thread waits. */
int clinux_watch_packets(int watch, int socket, int is_on);

int clinux_watch_add(int watch, int descriptor, int bit);
int clinux_watch_remove(int watch, int descriptor);
int clinux_watch_wait(int watch);

#endif
