// SPDX-License-Identifier: Apache-2.0
#include "bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

void die(const char *why, ...) {
    char line[512];
    va_list arguments;
    va_start(arguments, why);
    int n = vsnprintf(line, sizeof line - 1, why, arguments);
    va_end(arguments);
    if (n > 0) dprintf(STDERR_FILENO, "impresario-guest: %s\n", line);
    _exit(70);
}

void buffer_reserve(buffer *b, size_t len) {
    if (b->cap - b->len >= len) return;
    size_t cap = b->cap ? b->cap : 256;
    while (cap - b->len < len) cap *= 2;
    uint8_t *grown = realloc(b->bytes, cap);
    if (!grown) die("out of memory");
    b->bytes = grown;
    b->cap = cap;
}

void buffer_append(buffer *b, const void *bytes, size_t len) {
    if (len == 0) return;
    buffer_reserve(b, len);
    memcpy(b->bytes + b->len, bytes, len);
    b->len += len;
}

void buffer_printf(buffer *b, const char *format, ...) {
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (n > 0) buffer_append(b, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

void buffer_u8(buffer *b, uint8_t value) { buffer_append(b, &value, 1); }

void buffer_u32(buffer *b, uint32_t value) { buffer_append(b, &value, sizeof value); }

void buffer_u64(buffer *b, uint64_t value) { buffer_append(b, &value, sizeof value); }

void buffer_text(buffer *b, imp_str text) {
    buffer_u32(b, (uint32_t)text.len);
    buffer_append(b, text.ptr, text.len);
}

void buffer_json(buffer *b, const char *text) {
    buffer_append(b, "\"", 1);
    for (const char *c = text ? text : ""; *c; c++) {
        if (*c == '"' || *c == '\\')
            buffer_printf(b, "\\%c", *c);
        else if ((unsigned char)*c < 0x20)
            buffer_printf(b, "\\u%04x", (unsigned char)*c);
        else
            buffer_append(b, c, 1);
    }
    buffer_append(b, "\"", 1);
}

static const void *take(reader *r, size_t len) {
    if (r->bad || r->left < len) {
        r->bad = true;
        return NULL;
    }
    const void *at = r->at;
    r->at += len;
    r->left -= len;
    return at;
}

uint8_t read_u8(reader *r) {
    const uint8_t *at = take(r, 1);
    return at ? *at : 0;
}

uint32_t read_u32(reader *r) {
    uint32_t value = 0;
    const void *at = take(r, sizeof value);
    if (at) memcpy(&value, at, sizeof value);
    return value;
}

uint64_t read_u64(reader *r) {
    uint64_t value = 0;
    const void *at = take(r, sizeof value);
    if (at) memcpy(&value, at, sizeof value);
    return value;
}

imp_str read_bytes(reader *r) {
    size_t len = read_u32(r);
    const char *at = take(r, len);
    return at ? (imp_str){at, len} : (imp_str){NULL, 0};
}

imp_str read_text(reader *r) {
    imp_str text = read_bytes(r);
    if (!is_utf8(text)) r->bad = true;
    return text;
}

bool read_end(const reader *r) { return !r->bad && r->left == 0; }

/* Well-formed UTF-8 as in table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool is_utf8(imp_str text) {
    const uint8_t *c = (const uint8_t *)text.ptr, *end = c + text.len;
    while (c < end) {
        uint64_t eight;
        while (end - c >= 8 && (memcpy(&eight, c, 8), !(eight & 0x8080808080808080))) c += 8; /* most text is ASCII */
        if (c == end) break;
        uint8_t first = *c++;
        if (first < 0x80) continue;
        uint8_t low = 0x80, high = 0xBF;
        int more;
        if (first >= 0xC2 && first <= 0xDF) more = 1;
        else if (first >= 0xE0 && first <= 0xEF) more = 2;
        else if (first >= 0xF0 && first <= 0xF4) more = 3;
        else return false;
        if (first == 0xE0) low = 0xA0;
        if (first == 0xED) high = 0x9F;
        if (first == 0xF0) low = 0x90;
        if (first == 0xF4) high = 0x8F;
        for (; more > 0; more--, low = 0x80, high = 0xBF)
            if (c == end || *c < low || *c++ > high) return false;
    }
    return true;
}

static bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_label(const char *text) {
    size_t len = text ? strnlen(text, 64) : 0;
    if (len == 0 || len > 63 || !is_alphanumeric(text[0]) || !is_alphanumeric(text[len - 1])) return false;
    for (size_t i = 0; i < len; i++)
        if (!is_alphanumeric(text[i]) && text[i] != '-') return false;
    return true;
}

int64_t monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
