// SPDX-License-Identifier: Apache-2.0
/* The guest host's reader of frames, messages and fields, fed with packets of a broker that has gone mad.
 *
 *   guest-fuzz SEED CASES     cases SEED, SEED + 1 ... of the generator below; ends at the first finding, whose seed it has printed
 *   with -DLIBFUZZER          a target of libFuzzer, without end (docs/abi/frames.md says how)
 *
 * Built with the address and undefined-behaviour sanitizers, all in one unit. A process that would end jumps back here instead. An input is a
 * list of records: `u8` what, `u16` length, bytes; what becomes of each is said at feed(). */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ffi.h>
#include <impresario/plugin.h>
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void jump_out(int code);
static void *track_malloc(size_t size);
static void *track_calloc(size_t count, size_t size);
static void *track_realloc(void *old, size_t size);
static void track_free(void *old);

#define _exit jump_out
#define malloc track_malloc
#define calloc track_calloc
#define realloc track_realloc
#define free track_free
#define dprintf(...) ((void)0)
#define is_text host_is_text /* host.c and typed.c have one each */
#include "../../Sources/GuestHost/host.c"
#undef is_text
#include "../../Sources/CLinux/packet.c"
#include "../../Sources/GuestHost/bytes.c"
#include "../../Sources/GuestHost/call.c"
#include "../../Sources/GuestHost/describe.c"
#include "../../Sources/GuestHost/frames.c"
#include "../../Sources/GuestHost/invoke.c"
#include "../../Sources/GuestHost/load.c"
#define frame ffi_frame
#include "../../Sources/GuestHost/typed.c"
#undef frame
#undef _exit
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef dprintf

enum { INPUT_MAX_BYTES = 1 << 20, MAX_RECORDS = 64, MAX_LIVE = 4096, OPEN_MAX_SEEN = 64 };

/* What a process's end gives back must be given back by hand. */
static void *live[MAX_LIVE];
static size_t nlive;
static jmp_buf process_end;

static _Noreturn void finding(const char *what) {
    fprintf(stderr, "finding: %s\n", what);
    abort();
}

static void *keep_live(void *new) {
    if (!new) return NULL;
    if (nlive == MAX_LIVE) finding("thousands of allocations live");
    return live[nlive++] = new;
}

static void *track_malloc(size_t size) { return keep_live(malloc(size)); }

static void *track_calloc(size_t count, size_t size) { return keep_live(calloc(count, size)); }

static void track_free(void *old) {
    for (size_t i = nlive; old && i-- > 0;)
        if (live[i] == old) {
            live[i] = live[--nlive];
            free(old);
            return;
        }
    if (old) finding("freed what was not allocated");
}

static void *track_realloc(void *old, size_t size) {
    for (size_t i = nlive; old && i-- > 0;)
        if (live[i] == old) return live[i] = realloc(old, size);
    return keep_live(realloc(NULL, size));
}

static void jump_out(int code) { longjmp(process_end, code + 1); }

/* MARK: the plugin */

static imp_status every_kind(imp_call *call, uint8_t yes, int32_t i32, uint32_t u32, int64_t i64, uint64_t u64, double f64, const char *text,
                             const char *json, const char *node, int64_t duration, const uint8_t *bytes, size_t nbytes, const char *const *texts,
                             size_t ntexts, imp_out *all) {
    char line[128];
    int n = snprintf(line, sizeof line, "%d %d %u %ld %lu %g %ld;", yes, i32, u32, (long)i64, (unsigned long)u64, f64, (long)duration);
    out_append(all, line, (size_t)n);
    for (const char *const *t = (const char *[]){text, json, node, NULL}, *const *last = t + 3; t < last; t++)
        if (*t) out_append(all, *t, strlen(*t));
    out_append(all, bytes, nbytes);
    for (size_t i = 0; i < ntexts; i++) out_append(all, texts[i], strlen(texts[i]));
    return yes && i32 % 2 && host_table.cancelled(call) ? IMP_CANCELLED : IMP_OK; /* the next call is waiting already, and then that is an end */
}

/* Each byte of the document is a host function to be called. */
static imp_status verb_body(imp_call *call, imp_str in, imp_out *out) {
    imp_out *sink = host_table.out_new(call, 4096);
    imp_str word = {"w", 1}, json = {"{}", 2}, node = {"n1", 2};
    imp_str argv[] = {word}, serials[] = {{"0a", 2}};
    imp_exec command = {.struct_size = sizeof command, .node = node, .argv = argv, .argc = 1, .out = sink, .err = sink}, second = command;
    imp_exec *commands[] = {&command, &second};
    imp_file file = {.struct_size = sizeof file, .mode = 0600, .node = node, .path = {"/x", 2}, .bytes = json};
    const imp_file *files[] = {&file};
    imp_status status = IMP_OK;
    uint64_t version = 0;
    for (size_t i = 0; i < in.len && i < 16; i++) switch (in.ptr[i] % 16) {
        case 0: status = host_table.node_exec(call, commands, 2); break;
        case 1: status = host_table.node_put(call, files, 1); break;
        case 2: status = host_table.node_get(call, node, file.path, 0, sink); break;
        case 3: status = host_table.node_put_artifact(call, node, word, file.path, 0600); break;
        case 4: status = host_table.node_service(call, node, json); break;
        case 5: status = host_table.state_get(call, word, sink, &version); break;
        case 6: status = host_table.state_put(call, word, json, version, &version); break;
        case 7: status = host_table.secret_get(call, word, sink, &version); break;
        case 8: status = host_table.secret_put(call, word, json, 0, NULL); break;
        case 9: status = host_table.key_pair(call, word, json, sink); break;
        case 10: status = host_table.cert_issue(call, word, json, sink); break;
        case 11: status = host_table.revocation_list(call, word, serials, 1, sink); break;
        case 12: host_table.log(call, IMP_LOG_INFO, word, json); break;
        case 13: status = host_table.cancelled(call) ? IMP_CANCELLED : IMP_OK; break;
        case 14: status = host_table.fail(call, IMP_CONFLICT, host_table.last_problem(call)); break;
        default: out_append(out, in.ptr, in.len);
        }
    imp_str seen = host_table.out_view(sink);
    out_append(out, seen.ptr, seen.len);
    return status;
}

#define P(symbol, kind, flag) static const imp_param symbol = {.struct_size = sizeof(imp_param), .type = kind, .flags = flag, .name = #symbol}
P(p_yes, IMP_BOOL, 0);
P(p_i32, IMP_I32, 0);
P(p_u32, IMP_U32, 0);
P(p_i64, IMP_I64, 0);
P(p_u64, IMP_U64, 0);
P(p_f64, IMP_F64, 0);
P(p_text, IMP_STR, IMP_P_OPTIONAL);
P(p_json, IMP_JSON, 0);
P(p_node, IMP_NODE, 0);
P(p_duration, IMP_DURATION, 0);
P(p_bytes, IMP_BYTES, IMP_P_OPTIONAL);
P(p_texts, IMP_STRS, IMP_P_OPTIONAL);
P(p_all, IMP_STR, IMP_P_OUT);
static const imp_param *const params[] = {&p_yes, &p_i32, &p_u32, &p_i64, &p_u64, &p_f64, &p_text, &p_json, &p_node, &p_duration, &p_bytes, &p_texts, &p_all};
enum { NPARAMS = sizeof params / sizeof *params };
static const imp_op op = {.struct_size = sizeof op, .id = "op", .fn = (void (*)(void))every_kind, .params = params, .nparams = NPARAMS};
static const imp_op *const ops[] = {&op};
static const imp_type type = {.struct_size = sizeof type, .id = "t", .validate = verb_body, .plan = verb_body, .bootstrap = verb_body,
                              .health = verb_body, .destroy = verb_body, .ops = ops, .nops = 1};
static const imp_type *const types[] = {&type};
static const imp_plugin plugin = {.struct_size = sizeof plugin, .id = "t", .version = "1", .types = types, .ntypes = 1};

/* MARK: feeding */

static uint64_t next_call;
static uint64_t next_request;

static void packet_out(int socket, const frame_header *header, const uint8_t *payload, size_t len, const int *files, size_t nfiles) {
    if (clinux_packet_send(socket, header, sizeof *header, payload, len, files, nfiles, 0)) return; /* full is full */
}

/* An unsealed file, a pipe, a folder: what should not come along. */
static int odd_file(unsigned which, const uint8_t *bytes, size_t len) {
    if (which % 4 == 0) return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (which % 4 == 1) {
        int pair[2];
        if (pipe2(pair, O_CLOEXEC)) return -1;
        close(pair[1]);
        return pair[0];
    }
    int file = memfd_create("odd", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file < 0 || write(file, bytes, len) < 0) return file;
    fcntl(file, F_ADD_SEALS, which % 4 == 2 ? F_SEAL_WRITE : F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    return file;
}

/* what % 8:
 *   0, 1  the bytes are a packet as it is, header and all
 *   2...5 the first four bytes make a good header (kind, more, call, request), the others its payload
 *   6     the same, in a sealed file, its size told right unless the fourth byte is odd
 *   7     the same, with a descriptor of the wrong kind or two of the right one
 * With bit 7 a bit of the header is turned over. */
static void feed(int socket, uint8_t what, const uint8_t *bytes, size_t len) {
    if (what % 8 < 2) {
        if (len && send(socket, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) return;
        return;
    }
    if (len < 4) return;
    frame_header header = {.version = FRAME_VERSION, .kind = (uint8_t)(KIND_INVOKE_VERB + bytes[0] % 4), .length = (uint32_t)(len - 4)};
    header.flags = bytes[1] % 8 == 7 ? FRAME_MORE : 0;
    if (header.kind == KIND_INVOKE_VERB || header.kind == KIND_INVOKE_OP) {
        header.call = bytes[2] % 16 == 15 ? next_call : ++next_call;
        next_request = 0;
    } else {
        header.call = next_call;
        if (header.kind == KIND_REPLY) header.request = bytes[3] % 16 == 15 ? next_request : ++next_request;
    }
    const uint8_t *payload = bytes + 4;
    size_t size = len - 4;
    if (what & 0x80) ((uint8_t *)&header)[bytes[1] % sizeof header] ^= (uint8_t)(1 << bytes[2] % 8);
    if (what % 8 < 6) {
        packet_out(socket, &header, payload, size, NULL, 0);
        return;
    }
    bool is_odd = what % 8 == 7 && bytes[1] % 2;
    int file = is_odd ? odd_file(bytes[3], payload, size) : clinux_sealed_make(payload, size);
    uint64_t told = size + (what % 8 == 6 && bytes[3] % 2 ? bytes[3] : 0);
    if (bytes[1] % 32 == 31) told <<= 24;
    header.flags = bytes[2] % 16 == 14 ? FRAME_SEALED | FRAME_MORE : FRAME_SEALED;
    header.length = sizeof told;
    int files[] = {file, file};
    size_t nfiles = file < 0 ? 0 : what % 8 == 7 ? (is_odd ? 1 : 2) : bytes[3] % 64 == 62 ? 0 : 1;
    packet_out(socket, &header, (const uint8_t *)&told, sizeof told, files, nfiles);
    if (file >= 0) close(file);
}

static void run(const uint8_t *input, size_t size) {
    int pair[2];
    bool was_open[OPEN_MAX_SEEN]; /* the fuzzer has files of its own */
    for (int fd = 0; fd < OPEN_MAX_SEEN; fd++) was_open[fd] = fcntl(fd, F_GETFD) >= 0;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) abort();
    int ours = fcntl(pair[0], F_DUPFD_CLOEXEC, 10), kept = was_open[FRAME_SOCKET] ? fcntl(FRAME_SOCKET, F_DUPFD_CLOEXEC, 10) : -1;
    if (ours < 0 || dup2(pair[1], FRAME_SOCKET) < 0) abort();
    for (int i = 0; i < 2; i++)
        if (pair[i] != FRAME_SOCKET) close(pair[i]);
    next_call = next_request = 0;
    for (size_t at = 0, n = 0; at + 3 <= size && n < MAX_RECORDS; n++) {
        size_t len = input[at + 1] | (size_t)input[at + 2] << 8;
        if (len > size - at - 3) len = size - at - 3;
        feed(ours, input[at], input + at + 3, len);
        at += 3 + len;
    }
    shutdown(ours, SHUT_WR);
    int code = setjmp(process_end);
    if (code == 0) invoke_all(&plugin);
    if (code == 1 && !current && nlive > 1) finding("memory of a call outlives it");
    while (nlive) track_free(live[nlive - 1]);
    current = NULL;
    close(ours);
    close(FRAME_SOCKET);
    if (kept >= 0) {
        dup2(kept, FRAME_SOCKET);
        close(kept);
    }
    for (int fd = FRAME_SOCKET; fd < OPEN_MAX_SEEN; fd++)
        if (!was_open[fd] && fcntl(fd, F_GETFD) >= 0) {
            if (code == 1 && !current) finding("a descriptor is left open");
            close(fd);
        }
}

#ifdef LIBFUZZER
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    run(input, size);
    return 0;
}
#else
/* MARK: the generator: conversations that are whole, then a few bytes of some are changed. SplitMix64. */
static uint64_t state;
static uint8_t input[INPUT_MAX_BYTES];
static size_t length;

static uint64_t draw(uint64_t below) {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (z ^ (z >> 31)) % below;
}

static void put_bytes(buffer *b, size_t len) {
    static const char letters[] = "abc{}\"\xc3\xa4xyz0123456789/";
    buffer_u32(b, (uint32_t)len);
    for (size_t i = 0; i < len; i++) buffer_u8(b, (uint8_t)letters[draw(6)]);
}

static void put_argument(buffer *b, const imp_param *p) {
    buffer_u32(b, p->type);
    if (p->flags & IMP_P_OUT) return;
    size_t size = scalar_size(p->type);
    if ((p->flags & IMP_P_OPTIONAL) && draw(3) == 0) {
        buffer_u8(b, 0);
        buffer_u32(b, 0);
        return;
    }
    buffer_u8(b, 1);
    if (p->type == IMP_STRS) {
        buffer list = {0};
        size_t n = draw(4);
        buffer_u32(&list, (uint32_t)n);
        while (n--) put_bytes(&list, draw(20));
        buffer_text(b, (imp_str){(char *)list.bytes, list.len});
        track_free(list.bytes);
    } else if (size == 0) {
        put_bytes(b, draw(40));
    } else {
        uint64_t value = p->type == IMP_BOOL ? draw(2) : draw(UINT64_MAX);
        buffer_u32(b, (uint32_t)size);
        buffer_append(b, &value, size);
    }
}

static void put_problem(buffer *b) {
    buffer_u8(b, 1);
    for (int i = 0; i < 3; i++) buffer_u32(b, (uint32_t)draw(5));
    for (int i = 0; i < 4; i++) put_bytes(b, draw(30));
}

/* A reply that suits one of the host functions. */
static void put_reply(buffer *b, unsigned function) {
    bool has_failed = draw(6) == 0;
    buffer_u32(b, has_failed ? (uint32_t)draw(15) + 1 : 0);
    if (has_failed) put_problem(b);
    else buffer_u8(b, 0);
    if (has_failed) return;
    if (function == 0) {
        buffer_u32(b, 2);
        for (int i = 0; i < 2; i++) {
            buffer_u32(b, (uint32_t)draw(3));
            buffer_u32(b, (uint32_t)draw(4));
            put_bytes(b, draw(3000));
            put_bytes(b, draw(300));
        }
    } else if (function == 6 || function == 8) {
        buffer_u64(b, draw(100));
    } else if (function != 1 && function != 3) {
        put_bytes(b, draw(200));
        if (function == 5 || function == 7) buffer_u64(b, draw(100));
    }
}

static void put_record(uint8_t what, const uint8_t head[4], buffer *payload) {
    size_t len = payload->len + (head ? 4 : 0);
    if (len > UINT16_MAX || length + 3 + len > sizeof input) len = 0;
    input[length++] = what;
    input[length++] = (uint8_t)len;
    input[length++] = (uint8_t)(len >> 8);
    if (len) {
        if (head) memcpy(input + length, head, 4);
        memcpy(input + length + (head ? 4 : 0), payload->bytes, payload->len);
        length += len;
    }
    payload->len = 0;
}

/* In two frames now and then. */
static void put_message(uint8_t what, uint8_t head[4], buffer *payload) {
    if (draw(60) == 0) {
        what |= 0x80;
        head[1] = (uint8_t)draw(256);
        head[2] = (uint8_t)draw(8);
    } else if (what == 2 && payload->len > 1 && draw(5) == 0) {
        size_t part = draw(payload->len - 1) + 1;
        buffer first = {0};
        buffer_append(&first, payload->bytes, part);
        put_record(what, (uint8_t[]){head[0], 7, 0, 0}, &first);
        track_free(first.bytes);
        memmove(payload->bytes, payload->bytes + part, payload->len - part);
        payload->len -= part;
        head[2] = head[3] = 15; /* the same call and request */
    }
    put_record(what, head, payload);
}

static void put_conversation(buffer *b) {
    uint8_t way = draw(4) == 0 ? 6 : draw(40) == 0 ? 7 : 2;
    uint8_t head[4] = {(uint8_t)draw(2), 0, 0, 0};
    buffer_text(b, imp_str_of(draw(30) ? "t" : "none"));
    size_t nfunctions = draw(6);
    uint8_t functions[6];
    if (head[0] == 0) buffer_u32(b, (uint32_t)draw(VERB_COUNT));
    else buffer_text(b, imp_str_of("op"));
    buffer_u64(b, draw(UINT64_MAX));
    buffer_u32(b, (uint32_t)nfunctions);
    for (size_t i = 0; i < nfunctions; i++) buffer_u8(b, functions[i] = (uint8_t)draw(16));
    if (head[0] == 1) {
        buffer_u32(b, NPARAMS);
        for (size_t i = 0; i < NPARAMS; i++) put_argument(b, params[i]);
    }
    put_message(way, head, b);
    for (size_t i = 0; head[0] == 0 && i < nfunctions; i++) {
        if (functions[i] > 11) continue;
        put_reply(b, functions[i]);
        put_message(draw(8) == 0 ? 6 : 2, (uint8_t[]){2, 0, 0, 0}, b);
        if (draw(10) == 0) put_record(2, (uint8_t[]){3, 0, 0, 0}, b);
    }
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: guest-fuzz SEED CASES\n");
        return 64;
    }
    uint64_t seed = strtoull(arguments[1], NULL, 10);
    unsigned long cases = strtoul(arguments[2], NULL, 10);
    for (unsigned long n = 0; n < cases; n++, seed++) {
        printf("\rseed %lu", (unsigned long)seed);
        if (n % 100 == 0) fflush(stdout);
        state = seed;
        length = 0;
        buffer b = {0};
        for (uint64_t i = draw(5) + 1; i > 0; i--) put_conversation(&b);
        track_free(b.bytes);
        if (draw(4)) /* a quarter stays whole */
            for (uint64_t i = draw(6); i > 0; i--) {
                size_t at = draw(length);
                if (draw(2)) input[at] ^= (uint8_t)(1 << draw(8));
                else input[at] = (uint8_t)draw(256);
            }
        run(input, length);
    }
    printf("\n%lu cases\n", cases);
    return 0;
}
#endif
