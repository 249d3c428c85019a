// SPDX-License-Identifier: Apache-2.0
/* Growing byte buffers, and readers and writers of the fields that messages are made of (docs/abi/frames.md). */
#ifndef GUEST_BYTES_H
#define GUEST_BYTES_H

#include <impresario/plugin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct buffer {
    uint8_t *bytes;
    size_t len, cap;
} buffer;

/* Ends the process, the broker sees end of file: used where there is nothing left to answer to. `why` goes to the broker's log. */
_Noreturn void die(const char *why, ...) __attribute__((format(printf, 1, 2)));

/* CLOCK_MONOTONIC. */
int64_t monotonic_ns(void);

/* These end the process when memory is short: the broker tells a crash. */
void buffer_reserve(buffer *b, size_t len); /* room for `len` more */
void buffer_append(buffer *b, const void *bytes, size_t len);
void buffer_printf(buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_u8(buffer *b, uint8_t value);
void buffer_u32(buffer *b, uint32_t value);
void buffer_u64(buffer *b, uint64_t value);
void buffer_text(buffer *b, imp_str text);
/* A quoted JSON string. */
void buffer_json(buffer *b, const char *text);

/* Reads fields in turn. After a field that does not fit, `bad` is set and everything reads as zero or empty. */
typedef struct reader {
    const uint8_t *at;
    size_t left;
    bool bad;
} reader;

uint8_t read_u8(reader *r);
uint32_t read_u32(reader *r);
uint64_t read_u64(reader *r);
/* Points into the message. */
imp_str read_bytes(reader *r);
/* Like read_bytes, and UTF-8 is checked. */
imp_str read_text(reader *r);
/* True when all fields fitted and nothing is left. */
bool read_end(const reader *r);

bool is_utf8(imp_str text);
bool is_label(const char *text);

#endif
