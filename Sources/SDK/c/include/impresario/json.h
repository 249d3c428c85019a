/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON for plugins: a reader and a writer in one header, C11 and C++17, no library.
 *
 * Memory: all that is read lives in an arena that the caller owns. Nothing in it is freed by itself; imp_arena_free() frees all at once. Declared with
 * IMP_ARENA(name) it is freed when the scope ends, on every way out of it:
 *
 *     IMP_ARENA(arena);
 *     const imp_json *document = imp_json_parse(&arena, in, NULL);
 *     imp_str name = imp_json_text(imp_json_at(document, "/cluster/name"));
 *
 * Everything that asks takes NULL for "not there" and answers NULL, 0 or an empty text for it, so that paths need no checks in between.
 */
#ifndef IMPRESARIO_JSON_H
#define IMPRESARIO_JSON_H

#include <impresario/plugin.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Arena: memory that is given back all at once. */

typedef struct imp_arena_block {
    struct imp_arena_block *next;
    size_t used, size;
} imp_arena_block;

typedef struct imp_arena {
    imp_arena_block *blocks;
    size_t total;
    size_t limit; /* most bytes it may take from the heap; 0: 64 MiB */
} imp_arena;

static inline void imp_arena_free(imp_arena *arena) {
    while (arena->blocks) {
        imp_arena_block *block = arena->blocks;
        arena->blocks = block->next;
        free(block);
    }
    arena->total = 0;
}

#define IMP_ARENA(name) imp_arena name __attribute__((cleanup(imp_arena_free))) = {NULL, 0, 0}

/* Zeroed memory of any alignment; NULL when there is none or the limit is reached. */
static inline void *imp_arena_take(imp_arena *arena, size_t size) {
    size_t limit = arena->limit ? arena->limit : (size_t)64 << 20;
    imp_arena_block *block = arena->blocks;
    if (size > limit) return NULL;
    size = (size + 15) & ~(size_t)15;
    if (!block || block->size - block->used < size) {
        size_t room = arena->total < 4096 ? 4096 : arena->total < ((size_t)1 << 20) ? arena->total : (size_t)1 << 20;
        if (room < size) room = size;
        if (room > limit - arena->total) room = size;
        if (arena->total > limit || room > limit - arena->total) return NULL;
        block = (imp_arena_block *)calloc(1, ((sizeof *block + 15) & ~(size_t)15) + room);
        if (!block) return NULL;
        block->size = room;
        block->next = arena->blocks;
        arena->blocks = block;
        arena->total += room;
    }
    void *memory = (char *)block + ((sizeof *block + 15) & ~(size_t)15) + block->used;
    block->used += size;
    return memory;
}

/* A copy with a NUL behind it; empty when there is no memory. */
static inline imp_str imp_arena_copy(imp_arena *arena, imp_str text) {
    imp_str copy = {NULL, 0};
    char *memory = (char *)imp_arena_take(arena, text.len + 1);
    if (!memory) return copy;
    if (text.len) memcpy(memory, text.ptr, text.len);
    copy.ptr = memory;
    copy.len = text.len;
    return copy;
}

/* As printf, into the arena; a NUL stands behind it. Empty when there is no memory. */
__attribute__((format(printf, 2, 3))) static inline imp_str imp_textf(imp_arena *arena, const char *format, ...) {
    imp_str text = {"", 0};
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *memory = length < 0 ? NULL : (char *)imp_arena_take(arena, (size_t)length + 1);
    if (memory) {
        vsnprintf(memory, (size_t)length + 1, format, again);
        text.ptr = memory;
        text.len = (size_t)length;
    }
    va_end(again);
    va_end(arguments);
    return text;
}

/* For printf's %.*s. */
#define IMP_F(text) (int)(text).len, (text).ptr ? (text).ptr : ""

static inline int imp_str_is(imp_str text, const char *other) { return text.len == strlen(other) && (!text.len || !memcmp(text.ptr, other, text.len)); }

static inline int imp_str_same(imp_str a, imp_str b) { return a.len == b.len && (!a.len || !memcmp(a.ptr, b.ptr, a.len)); }

/* Reading */

enum { IMP_JSON_NULL, IMP_JSON_FALSE, IMP_JSON_TRUE, IMP_JSON_INTEGER, IMP_JSON_UNSIGNED, IMP_JSON_NUMBER, IMP_JSON_TEXT, IMP_JSON_ARRAY, IMP_JSON_OBJECT };

/* How deep arrays and objects may stand in one another. */
enum { IMP_JSON_DEPTH = 64 };

typedef struct imp_json {
    int32_t kind;          /* IMP_JSON_* */
    uint32_t count;        /* of an array or object */
    imp_str key;           /* of a member of an object; has no NUL in it, one behind it */
    struct imp_json *next; /* in the same array or object */
    union {
        int64_t integer;        /* a number without fraction and exponent that fits */
        uint64_t natural;       /* IMP_JSON_UNSIGNED: such a number above 2^63-1, as some engines' ids are */
        double number;          /* any other */
        imp_str text;           /* UTF-8, a NUL behind it that is not counted */
        struct imp_json *first; /* of an array or object */
    } as;
} imp_json;

typedef struct imp_json_error {
    size_t offset;
    const char *what;
} imp_json_error;

typedef struct imp_json_reader {
    imp_arena *arena;
    const char *text, *at, *end;
    const char *what; /* the first thing that is wrong */
} imp_json_reader;

static inline int imp_json_fail_(imp_json_reader *r, const char *what) {
    if (!r->what) r->what = what;
    return 0;
}

static inline void imp_json_space_(imp_json_reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r')) r->at++;
}

/* Bytes of the UTF-8 character at `at`; 0 when there is none: overlong, a surrogate, above U+10FFFF, cut off. */
static inline size_t imp_utf8_(const char *at, const char *end) {
    const unsigned char *b = (const unsigned char *)at;
    size_t left = (size_t)(end - at), n = b[0] < 0x80 ? 1 : b[0] < 0xc2 ? 0 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : b[0] < 0xf5 ? 4 : 0;
    if (!n || n > left) return 0;
    for (size_t i = 1; i < n; i++)
        if ((b[i] & 0xc0) != 0x80) return 0;
    if ((b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] > 0x9f) || (b[0] == 0xf0 && b[1] < 0x90) || (b[0] == 0xf4 && b[1] > 0x8f)) return 0;
    return n;
}

static inline int imp_json_hex_(imp_json_reader *r, uint32_t *unit) {
    *unit = 0;
    if (r->end - r->at < 4) return imp_json_fail_(r, "an escape is cut off");
    for (int i = 0; i < 4; i++) {
        char c = *r->at++;
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0) return imp_json_fail_(r, "an escape has no four hexadecimal digits");
        *unit = *unit << 4 | (uint32_t)digit;
    }
    return 1;
}

static inline int imp_json_escape_(imp_json_reader *r, char **to) {
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    if (r->at == r->end) return imp_json_fail_(r, "an escape is cut off");
    char c = *r->at++;
    const char *simple = c ? strchr(from, c) : NULL;
    if (simple) {
        *(*to)++ = into[simple - from];
        return 1;
    }
    uint32_t code, low;
    if (c != 'u') return imp_json_fail_(r, "there is no such escape");
    if (!imp_json_hex_(r, &code)) return 0;
    if (code >= 0xd800 && code < 0xdc00) {
        if (r->end - r->at < 2 || r->at[0] != '\\' || r->at[1] != 'u') return imp_json_fail_(r, "half of a surrogate pair");
        r->at += 2;
        if (!imp_json_hex_(r, &low)) return 0;
        if (low < 0xdc00 || low > 0xdfff) return imp_json_fail_(r, "half of a surrogate pair");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code < 0xe000) return imp_json_fail_(r, "half of a surrogate pair");
    unsigned char *out = (unsigned char *)*to;
    if (code < 0x80) *out++ = (unsigned char)code;
    else {
        if (code < 0x800) *out++ = (unsigned char)(0xc0 | code >> 6);
        else {
            if (code < 0x10000) *out++ = (unsigned char)(0xe0 | code >> 12);
            else {
                *out++ = (unsigned char)(0xf0 | code >> 18);
                *out++ = (unsigned char)(0x80 | (code >> 12 & 0x3f));
            }
            *out++ = (unsigned char)(0x80 | (code >> 6 & 0x3f));
        }
        *out++ = (unsigned char)(0x80 | (code & 0x3f));
    }
    *to = (char *)out;
    return 1;
}

static inline int imp_json_string_(imp_json_reader *r, imp_str *text) {
    const char *close = ++r->at; /* behind the quote */
    while (close < r->end && *close != '"') close += *close == '\\' && r->end - close > 1 ? 2 : 1;
    if (close >= r->end) return imp_json_fail_(r, "a text does not end");
    /* No escape is shorter than what it stands for. */
    char *memory = (char *)imp_arena_take(r->arena, (size_t)(close - r->at) + 1), *to = memory;
    if (!memory) return imp_json_fail_(r, "there is no memory");
    while (r->at < close) {
        if (*r->at == '\\') {
            r->at++;
            if (!imp_json_escape_(r, &to)) return 0;
            continue;
        }
        if ((unsigned char)*r->at < 0x20) return imp_json_fail_(r, "a control character stands in a text");
        size_t n = imp_utf8_(r->at, close);
        if (!n) return imp_json_fail_(r, "a text is not UTF-8");
        memcpy(to, r->at, n);
        to += n;
        r->at += n;
    }
    r->at = close + 1;
    text->ptr = memory;
    text->len = (size_t)(to - memory);
    return 1;
}

static inline int imp_json_number_(imp_json_reader *r, imp_json *value) {
    const char *start = r->at;
    int is_integer = 1;
    if (*r->at == '-') r->at++;
    const char *digits = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9') r->at++;
    if (r->at == digits || (*digits == '0' && r->at - digits > 1)) return imp_json_fail_(r, "this is no value");
    if (r->at < r->end && *r->at == '.') {
        const char *point = r->at++;
        is_integer = 0;
        while (r->at < r->end && *r->at >= '0' && *r->at <= '9') r->at++;
        if (r->at == point + 1) return imp_json_fail_(r, "a number has no digits behind its point");
    }
    if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
        r->at++;
        is_integer = 0;
        if (r->at < r->end && (*r->at == '+' || *r->at == '-')) r->at++;
        const char *exponent = r->at;
        while (r->at < r->end && *r->at >= '0' && *r->at <= '9') r->at++;
        if (r->at == exponent) return imp_json_fail_(r, "a number has no digits in its exponent");
    }
    if (is_integer) {
        uint64_t magnitude = 0;
        uint64_t most = *start == '-' ? (uint64_t)1 << 63 : UINT64_MAX;
        for (const char *d = digits; d < r->at && is_integer; d++) {
            uint64_t digit = (uint64_t)(*d - '0');
            if (magnitude > (most - digit) / 10) is_integer = 0;
            else magnitude = magnitude * 10 + digit;
        }
        if (is_integer) {
            int is_large = *start != '-' && magnitude > (uint64_t)INT64_MAX;
            value->kind = is_large ? IMP_JSON_UNSIGNED : IMP_JSON_INTEGER;
            if (is_large) value->as.natural = magnitude;
            else value->as.integer = *start == '-' ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
            return 1;
        }
    }
    /* strtod wants a NUL and takes the locale's point; a plugin sets no locale. */
    imp_str spelled = {start, (size_t)(r->at - start)};
    imp_str copy = imp_arena_copy(r->arena, spelled);
    if (!copy.ptr) return imp_json_fail_(r, "there is no memory");
    value->kind = IMP_JSON_NUMBER;
    value->as.number = strtod(copy.ptr, NULL);
    if (value->as.number - value->as.number != 0) return imp_json_fail_(r, "a number is too large");
    return 1;
}

static inline int imp_json_word_(imp_json_reader *r, const char *word) {
    size_t length = strlen(word);
    if ((size_t)(r->end - r->at) < length || memcmp(r->at, word, length) != 0) return imp_json_fail_(r, "this is no value");
    r->at += length;
    return 1;
}

static inline int imp_json_value_(imp_json_reader *r, imp_json *value, int depth);

static inline int imp_json_items_(imp_json_reader *r, imp_json *value, int depth) {
    int is_object = *r->at++ == '{';
    char close = is_object ? '}' : ']';
    imp_json **last = &value->as.first;
    value->kind = is_object ? IMP_JSON_OBJECT : IMP_JSON_ARRAY;
    if (depth >= IMP_JSON_DEPTH) return imp_json_fail_(r, "it is nested too deeply");
    imp_json_space_(r);
    if (r->at < r->end && *r->at == close) return r->at++, 1;
    for (;;) {
        imp_json *item = (imp_json *)imp_arena_take(r->arena, sizeof *item);
        if (!item) return imp_json_fail_(r, "there is no memory");
        imp_json_space_(r);
        if (is_object) {
            if (r->at == r->end || *r->at != '"') return imp_json_fail_(r, "a member has no name");
            if (!imp_json_string_(r, &item->key)) return 0;
            if (memchr(item->key.ptr, 0, item->key.len)) return imp_json_fail_(r, "a member's name has a NUL");
            imp_json_space_(r);
            if (r->at == r->end || *r->at++ != ':') return imp_json_fail_(r, "there is no ':' behind a name");
        }
        if (!imp_json_value_(r, item, depth + 1)) return 0;
        *last = item;
        last = &item->next;
        value->count++;
        imp_json_space_(r);
        if (r->at == r->end) return imp_json_fail_(r, "an array or object does not end");
        char c = *r->at++;
        if (c == close) return 1;
        if (c != ',') return imp_json_fail_(r, "there is no ',' between two values");
    }
}

static inline int imp_json_value_(imp_json_reader *r, imp_json *value, int depth) {
    imp_json_space_(r);
    if (r->at == r->end) return imp_json_fail_(r, "a value is missing");
    switch (*r->at) {
    case '{':
    case '[': return imp_json_items_(r, value, depth);
    case '"': value->kind = IMP_JSON_TEXT; return imp_json_string_(r, &value->as.text);
    case 't': value->kind = IMP_JSON_TRUE; return imp_json_word_(r, "true");
    case 'f': value->kind = IMP_JSON_FALSE; return imp_json_word_(r, "false");
    case 'n': value->kind = IMP_JSON_NULL; return imp_json_word_(r, "null");
    default: return imp_json_number_(r, value);
    }
}

/* One value and nothing behind it. NULL when it is none; `error` (may be NULL) then says where and what. */
static inline const imp_json *imp_json_parse(imp_arena *arena, imp_str text, imp_json_error *error) {
    imp_json_reader r = {arena, text.ptr, text.ptr, text.len ? text.ptr + text.len : text.ptr, NULL};
    imp_json *value = (imp_json *)imp_arena_take(arena, sizeof *value);
    if (!value) imp_json_fail_(&r, "there is no memory");
    else if (imp_json_value_(&r, value, 0)) {
        imp_json_space_(&r);
        if (r.at < r.end) imp_json_fail_(&r, "something stands behind the value");
    }
    if (r.what && error) {
        error->offset = (size_t)(r.at - r.text);
        error->what = r.what;
    }
    return r.what ? NULL : value;
}

/* The member of an object; of two with the same name the last. */
static inline const imp_json *imp_json_member(const imp_json *value, imp_str key) {
    const imp_json *found = NULL;
    if (!value || value->kind != IMP_JSON_OBJECT) return NULL;
    for (const imp_json *item = value->as.first; item; item = item->next)
        if (imp_str_same(item->key, key)) found = item;
    return found;
}

/* By path, such as "/nodes/0/address"; "" is the value itself. Names with a '/' are reached by imp_json_member(). */
static inline const imp_json *imp_json_at(const imp_json *value, const char *path) {
    while (value && *path == '/') {
        imp_str part = {path + 1, strcspn(path + 1, "/")};
        path += 1 + part.len;
        if (value->kind == IMP_JSON_ARRAY) {
            size_t index = part.len ? 0 : SIZE_MAX;
            for (size_t i = 0; i < part.len && index != SIZE_MAX; i++)
                index = part.ptr[i] < '0' || part.ptr[i] > '9' || index > UINT32_MAX ? SIZE_MAX : index * 10 + (size_t)(part.ptr[i] - '0');
            value = value->as.first;
            while (value && index--) value = value->next;
        } else value = imp_json_member(value, part);
    }
    return *path ? NULL : value;
}

/* The first of an array or object; go on by ->next. */
static inline const imp_json *imp_json_first(const imp_json *value) { return value && value->kind >= IMP_JSON_ARRAY ? value->as.first : NULL; }

static inline imp_str imp_json_text(const imp_json *value) {
    imp_str none = {"", 0};
    return value && value->kind == IMP_JSON_TEXT ? value->as.text : none;
}

static inline int64_t imp_json_integer(const imp_json *value, int64_t otherwise) {
    return value && value->kind == IMP_JSON_INTEGER ? value->as.integer : otherwise;
}

static inline uint64_t imp_json_unsigned(const imp_json *value, uint64_t otherwise) {
    if (value && value->kind == IMP_JSON_UNSIGNED) return value->as.natural;
    return value && value->kind == IMP_JSON_INTEGER && value->as.integer >= 0 ? (uint64_t)value->as.integer : otherwise;
}

static inline double imp_json_double(const imp_json *value, double otherwise) {
    if (value && value->kind == IMP_JSON_NUMBER) return value->as.number;
    if (value && value->kind == IMP_JSON_UNSIGNED) return (double)value->as.natural;
    return value && value->kind == IMP_JSON_INTEGER ? (double)value->as.integer : otherwise;
}

static inline int imp_json_is_true(const imp_json *value) { return value && value->kind == IMP_JSON_TRUE; }

/* Writing
 *
 * Into a sink of the host, without memory of its own. A `key` is needed in objects and NULL elsewhere. The first failure stays: no call needs a check,
 * imp_put_finish() tells it.
 *
 *     imp_writer w = imp_writer_to(host, out);
 *     imp_put_object(&w, NULL);
 *     imp_put_text(&w, "health", imp_str_of("healthy"));
 *     imp_put_end(&w);
 *     return imp_put_finish(&w);
 */

typedef struct imp_writer {
    const imp_host *host;
    imp_out *out;
    imp_status (*write)(void *to, const void *bytes, size_t length); /* instead of host and out */
    void *to;
    imp_status status;
    uint32_t depth;
    uint8_t is_object[IMP_JSON_DEPTH], has_items[IMP_JSON_DEPTH + 1];
    size_t used;
    char buffer[512];
} imp_writer;

static inline imp_writer imp_writer_to(const imp_host *host, imp_out *out) {
    imp_writer w;
    memset(&w, 0, sizeof w);
    w.host = host;
    w.out = out;
    if (host && !out) w.status = IMP_EXHAUSTED; /* out_new() had none */
    return w;
}

static inline void imp_put_flush_(imp_writer *w) {
    if (w->status == IMP_OK && w->used) w->status = w->write ? w->write(w->to, w->buffer, w->used) : w->host->out_write(w->out, w->buffer, w->used);
    w->used = 0;
}

static inline void imp_put_bytes_(imp_writer *w, const char *bytes, size_t length) {
    while (length) {
        size_t n = sizeof w->buffer - w->used < length ? sizeof w->buffer - w->used : length;
        memcpy(w->buffer + w->used, bytes, n);
        w->used += n;
        bytes += n;
        length -= n;
        if (w->used == sizeof w->buffer) imp_put_flush_(w);
    }
}

static inline void imp_put_quoted_(imp_writer *w, imp_str text) {
    const char *at = text.ptr, *end = text.len ? text.ptr + text.len : text.ptr;
    imp_put_bytes_(w, "\"", 1);
    while (at < end) {
        size_t n = imp_utf8_(at, end);
        char escape[8];
        if (!n) imp_put_bytes_(w, "\xef\xbf\xbd", 3), n = 1; /* what is not UTF-8 becomes U+FFFD: outputs of commands can be anything */
        else if (*at == '"' || *at == '\\') imp_put_bytes_(w, escape, (size_t)snprintf(escape, sizeof escape, "\\%c", *at));
        else if ((unsigned char)*at < 0x20) imp_put_bytes_(w, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", (unsigned)*at));
        else imp_put_bytes_(w, at, n);
        at += n;
    }
    imp_put_bytes_(w, "\"", 1);
}

/* What stands before a value. 0 when the document is written wrongly: a mistake of the plugin. */
static inline int imp_put_begin_(imp_writer *w, const char *key) {
    int in_object = w->depth > 0 && w->is_object[w->depth - 1];
    if (w->status == IMP_OK && (in_object != (key != NULL) || (!w->depth && w->has_items[0]))) w->status = IMP_INTERNAL;
    if (w->status != IMP_OK) return 0;
    if (w->has_items[w->depth]) imp_put_bytes_(w, ",", 1);
    w->has_items[w->depth] = 1;
    if (key) {
        imp_put_quoted_(w, imp_str_of(key));
        imp_put_bytes_(w, ":", 1);
    }
    return 1;
}

static inline void imp_put_open_(imp_writer *w, const char *key, int is_object) {
    if (!imp_put_begin_(w, key)) return;
    if (w->depth >= IMP_JSON_DEPTH) {
        w->status = IMP_INTERNAL;
        return;
    }
    imp_put_bytes_(w, is_object ? "{" : "[", 1);
    w->is_object[w->depth++] = (uint8_t)is_object;
    w->has_items[w->depth] = 0;
}

static inline void imp_put_object(imp_writer *w, const char *key) { imp_put_open_(w, key, 1); }
static inline void imp_put_array(imp_writer *w, const char *key) { imp_put_open_(w, key, 0); }

/* Ends the innermost object or array. */
static inline void imp_put_end(imp_writer *w) {
    if (w->status == IMP_OK && !w->depth) w->status = IMP_INTERNAL;
    if (w->status != IMP_OK) return;
    w->depth--;
    imp_put_bytes_(w, w->is_object[w->depth] ? "}" : "]", 1);
}

/* JSON that is known to be right. */
static inline void imp_put_raw(imp_writer *w, const char *key, imp_str json) {
    if (imp_put_begin_(w, key)) imp_put_bytes_(w, json.ptr, json.len);
}

static inline void imp_put_text(imp_writer *w, const char *key, imp_str text) {
    if (imp_put_begin_(w, key)) imp_put_quoted_(w, text);
}

static inline void imp_put_cstr(imp_writer *w, const char *key, const char *text) { imp_put_text(w, key, imp_str_of(text)); }

/* As printf; longer texts than 1,023 bytes are cut. */
__attribute__((format(printf, 3, 4))) static inline void imp_put_textf(imp_writer *w, const char *key, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    imp_put_cstr(w, key, text);
}

static inline void imp_put_integer(imp_writer *w, const char *key, int64_t value) {
    char text[24];
    if (imp_put_begin_(w, key)) imp_put_bytes_(w, text, (size_t)snprintf(text, sizeof text, "%lld", (long long)value));
}

static inline void imp_put_unsigned(imp_writer *w, const char *key, uint64_t value) {
    char text[24];
    if (imp_put_begin_(w, key)) imp_put_bytes_(w, text, (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)value));
}

/* What JSON has no number for, infinity, becomes null. */
static inline void imp_put_double(imp_writer *w, const char *key, double value) {
    char text[40];
    if (!imp_put_begin_(w, key)) return;
    if (value - value != 0) imp_put_bytes_(w, "null", 4);
    else if (value == 0) imp_put_bytes_(w, "0", 1);
    else imp_put_bytes_(w, text, (size_t)snprintf(text, sizeof text, "%.17g", value));
}

static inline void imp_put_bool(imp_writer *w, const char *key, int value) { imp_put_raw(w, key, imp_str_of(value ? "true" : "false")); }
static inline void imp_put_null(imp_writer *w, const char *key) { imp_put_raw(w, key, imp_str_of("null")); }

/* A value that was read, with all that is in it. */
static inline void imp_put_value(imp_writer *w, const char *key, const imp_json *value) {
    switch (value ? value->kind : IMP_JSON_NULL) {
    case IMP_JSON_INTEGER: imp_put_integer(w, key, value->as.integer); return;
    case IMP_JSON_UNSIGNED: imp_put_unsigned(w, key, value->as.natural); return;
    case IMP_JSON_NUMBER: imp_put_double(w, key, value->as.number); return;
    case IMP_JSON_TEXT: imp_put_text(w, key, value->as.text); return;
    case IMP_JSON_ARRAY:
    case IMP_JSON_OBJECT:
        imp_put_open_(w, key, value->kind == IMP_JSON_OBJECT);
        for (const imp_json *item = value->as.first; item; item = item->next)
            imp_put_value(w, value->kind == IMP_JSON_OBJECT ? (item->key.ptr ? item->key.ptr : "") : NULL, item);
        imp_put_end(w);
        return;
    default: imp_put_raw(w, key, imp_str_of(!value || value->kind == IMP_JSON_NULL ? "null" : value->kind == IMP_JSON_TRUE ? "true" : "false"));
    }
}

/* Hands the rest over. What went wrong first, IMP_INTERNAL also when something is still open. */
static inline imp_status imp_put_finish(imp_writer *w) {
    if (w->status == IMP_OK && (w->depth || !w->has_items[0])) w->status = IMP_INTERNAL;
    imp_put_flush_(w);
    return w->status;
}

#ifdef __cplusplus
}
#endif
#endif
