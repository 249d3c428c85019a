// SPDX-License-Identifier: Apache-2.0
/* The host table: checks what a plugin passes, and turns it into requests to the broker. The broker checks all of it again. */
#include "call.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Functions of a REQUEST. */
enum {
    F_NODE_EXEC = 1,
    F_NODE_PUT = 2,
    F_NODE_GET = 3,
    F_NODE_PUT_ARTIFACT = 4,
    F_NODE_SERVICE = 5,
    F_STATE_GET = 6,
    F_STATE_PUT = 7,
    F_SECRET_GET = 8,
    F_SECRET_PUT = 9,
    F_KEY_PAIR = 10,
    F_CERT_ISSUE = 11,
    F_REVOCATION_LIST = 12,
};

/* For the helpers that serve several of them. */
static const char *const function_names[] = {"",          "node_exec", "node_put",   "node_get",   "node_put_artifact", "node_service",   "state_get",
                                             "state_put", "secret_get", "secret_put", "key_pair", "cert_issue",        "revocation_list"};

static bool is_text(imp_str s, size_t max) {
    return s.len <= max && (s.ptr || s.len == 0) && is_utf8(s) && !(s.len && memchr(s.ptr, 0, s.len));
}

static bool is_bytes(imp_str s, size_t max) { return s.len <= max && (s.ptr || s.len == 0); }

static imp_status bad_argument(imp_call *call, const char *message) { return call_fail(call, IMP_INVALID, "host.invalid-argument", message); }

/* What a host function answers when call_allows() said no; the wrong call or thread has no place for a problem. */
static imp_status not_allowed(void) { return IMP_PRECONDITION; }

static const void *get_extension(const imp_host *host, const char *id) {
    (void)host, (void)id;
    return NULL;
}

static imp_out *out_new(imp_call *call, size_t max) { return out_make(call, max ? max : IMP_MAX_RESULT); }

static imp_str out_view(const imp_out *out) {
    static const uint8_t nul;
    if (!out || out->bytes.len == 0) return (imp_str){"", 0};
    buffer *bytes = (buffer *)&out->bytes; /* the NUL is not part of the value */
    buffer_append(bytes, &nul, 1);
    bytes->len--;
    return (imp_str){(const char *)bytes->bytes, bytes->len};
}

static void out_clear(imp_out *out) {
    if (!out) return;
    out->call->scratch -= out->bytes.len;
    out->bytes.len = 0;
}

/* For the functions that leave last_problem() alone. */
static bool may_tell_function(imp_call *call, call_class needed, const char *function) {
    if (!call_is_current(call)) return false;
    if (call->class >= needed) return true;
    call_tell_violation(call, function);
    return false;
}
#define may_tell(call, needed) may_tell_function(call, needed, __func__)

static imp_status fail(imp_call *call, imp_status status, const imp_problem *problem) {
    if (!may_tell(call, CLASS_PURE)) return status;
    bool is_known = problem && problem->struct_size >= sizeof *problem;
    problem_store(&call->failed, is_known ? problem : NULL);
    return status;
}

static const imp_problem *last_problem(imp_call *call) { return call && call->last.is_set ? &call->last.problem : NULL; }

static imp_status context(imp_call *call, imp_out *json) {
    if (!call_allows(call, CLASS_PURE)) return not_allowed();
    return out_append(json, call->context.ptr, call->context.len);
}

static imp_str cut(imp_str text, size_t max) {
    if (!text.ptr || !is_utf8(text)) return (imp_str){"(text that is not UTF-8)", 24};
    if (text.len > max)
        for (text.len = max; text.len && (text.ptr[text.len] & 0xC0) == 0x80; text.len--) {}
    return text;
}

static void send_once(imp_call *call, uint8_t kind, buffer *payload) {
    message_send(kind, call->id, 0, payload);
    free(payload->bytes);
}

static void log_line(imp_call *call, int32_t severity, imp_str message, imp_str fields_json) {
    if (!may_tell(call, CLASS_PURE)) return;
    buffer payload = {0};
    buffer_u32(&payload, (uint32_t)severity);
    buffer_text(&payload, message.len ? cut(message, 4096) : (imp_str){NULL, 0});
    buffer_text(&payload, fields_json.len && is_text(fields_json, 4096) ? fields_json : (imp_str){NULL, 0});
    send_once(call, KIND_LOG, &payload);
}

static void progress(imp_call *call, uint32_t per10000, imp_str phase) {
    if (!may_tell(call, CLASS_READ)) return;
    buffer payload = {0};
    buffer_u32(&payload, per10000 > 10000 ? 10000 : per10000);
    buffer_text(&payload, phase.len ? cut(phase, 200) : (imp_str){NULL, 0});
    send_once(call, KIND_PROGRESS, &payload);
}

static void event(imp_call *call, imp_str type, imp_str json) {
    if (!may_tell(call, CLASS_READ) || !is_text(type, 63) || !is_text(json, 16384)) return;
    buffer payload = {0};
    buffer_text(&payload, type);
    buffer_text(&payload, json);
    send_once(call, KIND_EVENT, &payload);
}

static int32_t cancelled(imp_call *call) {
    if (!may_tell(call, CLASS_PURE)) return 0;
    if (!call->is_cancelled && message_poll(&call->incoming)) {
        const message *m = &call->incoming;
        if (m->kind != KIND_CANCEL || m->call != call->id) die("bad message: kind %u while a call runs", m->kind);
        call->is_cancelled = true;
    }
    return call->is_cancelled;
}

static int64_t deadline_ns(imp_call *call) { return call ? call->deadline_ns : 0; }

/* Sends the request, frees it. */
static imp_status ask(imp_call *call, buffer *request, reader *reply) {
    imp_status status = call_broker(call, request, reply);
    free(request->bytes);
    return status;
}

static imp_status into(imp_out *sink, imp_str bytes) { return sink ? out_append(sink, bytes.ptr, bytes.len) : IMP_OK; }

static const char *bad_command(const imp_exec *x) {
    if (!x || x->struct_size < sizeof *x) return "A command is NULL or its struct_size is too small.";
    if (!is_text(x->node, 128) || x->node.len == 0) return "A command's node is empty or too long.";
    if (x->argc == 0 || x->argc > IMP_MAX_ARGV || !x->argv) return "A command has no arguments, or too many.";
    if (x->envc > IMP_MAX_ARGV || (x->envc && !x->env)) return "A command's environment is too big.";
    size_t sum = 0;
    for (size_t i = 0; i < x->argc + x->envc; i++) {
        imp_str text = i < x->argc ? x->argv[i] : x->env[i - x->argc];
        if (!is_text(text, IMP_MAX_ARGUMENT)) return "A command's argument or environment is too long, not UTF-8 or holds a NUL.";
        sum += text.len;
    }
    if (sum > IMP_MAX_ARGUMENT) return "A command's arguments and environment are too long.";
    if (!is_text(x->user, 128) || !is_text(x->cwd, 4096)) return "A command's user or cwd is too long, not UTF-8 or holds a NUL.";
    if (!is_bytes(x->in, IMP_MAX_ARGUMENT)) return "A command's input is too long.";
    if (x->output_limit > IMP_MAX_RESULT) return "A command's output_limit is above IMP_MAX_RESULT.";
    return NULL;
}

static imp_status node_exec(imp_call *call, imp_exec *const *commands, size_t n) {
    if (!call_allows(call, CLASS_READ)) return not_allowed();
    if (n == 0 || n > IMP_MAX_BATCH || !commands) return bad_argument(call, "No commands, or more than IMP_MAX_BATCH.");
    buffer request = {0};
    buffer_u32(&request, F_NODE_EXEC);
    buffer_u32(&request, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        const imp_exec *x = commands[i];
        const char *why = bad_command(x);
        if (!why && request.len > IMP_MAX_REQUEST) why = "All commands together are too long.";
        if (why) {
            free(request.bytes);
            return bad_argument(call, why);
        }
        buffer_text(&request, x->node);
        buffer_u32(&request, (uint32_t)x->argc);
        for (size_t k = 0; k < x->argc; k++) buffer_text(&request, x->argv[k]);
        buffer_u32(&request, (uint32_t)x->envc);
        for (size_t k = 0; k < x->envc; k++) buffer_text(&request, x->env[k]);
        buffer_text(&request, x->user);
        buffer_text(&request, x->cwd);
        buffer_text(&request, x->in);
        buffer_u32(&request, x->timeout_ms);
        buffer_u32(&request, x->output_limit ? x->output_limit : IMP_MAX_ARGUMENT);
    }
    reader reply;
    imp_status status = ask(call, &request, &reply);
    if (status != IMP_OK) return status;
    if (read_u32(&reply) != n) reply.bad = true;
    for (size_t i = 0; i < n && !reply.bad; i++) {
        commands[i]->exit_code = (int32_t)read_u32(&reply);
        commands[i]->result = read_u32(&reply);
        imp_status out = into(commands[i]->out, read_bytes(&reply));
        imp_status err = into(commands[i]->err, read_bytes(&reply));
        if (status == IMP_OK) status = out != IMP_OK ? out : err;
    }
    reply_end(&reply);
    return status;
}

static imp_status node_put(imp_call *call, const imp_file *const *files, size_t n) {
    if (!call_allows(call, CLASS_WRITE)) return not_allowed();
    if (n == 0 || n > IMP_MAX_BATCH || !files) return bad_argument(call, "No files, or more than IMP_MAX_BATCH.");
    buffer request = {0};
    buffer_u32(&request, F_NODE_PUT);
    buffer_u32(&request, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        const imp_file *f = files[i];
        const char *why = NULL;
        if (!f || f->struct_size < sizeof *f) why = "A file is NULL or its struct_size is too small.";
        else if (!is_text(f->node, 128) || f->node.len == 0) why = "A file's node is empty or too long.";
        else if (!is_text(f->path, 4096) || f->path.len == 0 || f->path.ptr[0] != '/') why = "A file's path is not absolute or too long.";
        else if (!is_text(f->owner, 128) || f->mode > 07777) why = "A file's owner or mode is wrong.";
        else if (!is_bytes(f->bytes, IMP_MAX_FILE)) why = "A file is longer than IMP_MAX_FILE.";
        else if (request.len + f->bytes.len > IMP_MAX_REQUEST) why = "All files together are too long.";
        if (why) {
            free(request.bytes);
            return bad_argument(call, why);
        }
        buffer_text(&request, f->node);
        buffer_text(&request, f->path);
        buffer_u32(&request, f->mode);
        buffer_text(&request, f->owner);
        buffer_text(&request, f->bytes);
    }
    reader reply;
    imp_status status = ask(call, &request, &reply);
    if (status == IMP_OK) reply_end(&reply);
    return status;
}

/* A request of texts, answered by bytes for a sink and, with `version`, by a version. */
static imp_status simple(imp_call *call, call_class class, uint32_t function, const imp_str *texts, size_t n, size_t max, uint64_t *version,
                         imp_out *sink) {
    if (version) *version = 0;
    if (!call_allows_function(call, class, function_names[function])) return not_allowed();
    buffer request = {0};
    buffer_u32(&request, function);
    for (size_t i = 0; i < n; i++) {
        if (!is_text(texts[i], max)) {
            free(request.bytes);
            return bad_argument(call, "An argument is too long, not UTF-8 or holds a NUL.");
        }
        buffer_text(&request, texts[i]);
    }
    reader reply;
    imp_status status = ask(call, &request, &reply);
    if (status != IMP_OK) return status;
    status = into(sink, read_bytes(&reply));
    if (version) *version = read_u64(&reply);
    reply_end(&reply);
    return status;
}

static imp_status node_get(imp_call *call, imp_str node, imp_str path, uint64_t max, imp_out *bytes) {
    if (!call_allows(call, CLASS_READ)) return not_allowed();
    if (!is_text(node, 128) || !is_text(path, 4096)) return bad_argument(call, "The node or path is too long, not UTF-8 or holds a NUL.");
    if (max > IMP_MAX_RESULT) return bad_argument(call, "max is above IMP_MAX_RESULT.");
    buffer request = {0};
    buffer_u32(&request, F_NODE_GET);
    buffer_text(&request, node);
    buffer_text(&request, path);
    buffer_u64(&request, max ? max : IMP_MAX_RESULT);
    reader reply;
    imp_status status = ask(call, &request, &reply);
    if (status != IMP_OK) return status;
    status = into(bytes, read_bytes(&reply));
    reply_end(&reply);
    return status;
}

static imp_status node_put_artifact(imp_call *call, imp_str node, imp_str name, imp_str path, uint32_t mode) {
    if (!call_allows(call, CLASS_WRITE)) return not_allowed();
    if (!is_text(node, 128) || !is_text(name, 255) || !is_text(path, 4096) || mode > 07777)
        return bad_argument(call, "The node, name, path or mode is wrong.");
    buffer request = {0};
    buffer_u32(&request, F_NODE_PUT_ARTIFACT);
    buffer_text(&request, node);
    buffer_text(&request, name);
    buffer_text(&request, path);
    buffer_u32(&request, mode);
    reader reply;
    imp_status status = ask(call, &request, &reply);
    if (status == IMP_OK) reply_end(&reply);
    return status;
}

static imp_status node_service(imp_call *call, imp_str node, imp_str spec_json) {
    return simple(call, CLASS_WRITE, F_NODE_SERVICE, (imp_str[]){node, spec_json}, 2, IMP_MAX_ARGUMENT, NULL, NULL);
}

static imp_status put_value(imp_call *call, uint32_t function, imp_str key, imp_str value, size_t max, uint64_t expect, uint64_t *version) {
    if (!call_allows_function(call, CLASS_WRITE, function_names[function])) return not_allowed();
    if (!is_text(key, 128) || key.len == 0) return bad_argument(call, "The key is empty, longer than 128 bytes or not UTF-8.");
    if (!is_bytes(value, max)) return call_fail(call, IMP_EXHAUSTED, "host.value-too-big", "The value is longer than the host keeps.");
    buffer request = {0};
    buffer_u32(&request, function);
    buffer_text(&request, key);
    buffer_text(&request, value);
    buffer_u64(&request, expect);
    reader reply;
    imp_status status = ask(call, &request, &reply);
    if (status != IMP_OK) return status;
    uint64_t now = read_u64(&reply);
    reply_end(&reply);
    if (version) *version = now;
    return IMP_OK;
}

static imp_status get_value(imp_call *call, uint32_t function, imp_str key, imp_out *value, uint64_t *version) {
    uint64_t ignored;
    return simple(call, CLASS_READ, function, &key, 1, 128, version ? version : &ignored, value);
}

static imp_status state_get(imp_call *call, imp_str key, imp_out *value, uint64_t *version) {
    return get_value(call, F_STATE_GET, key, value, version);
}

static imp_status state_put(imp_call *call, imp_str key, imp_str value, uint64_t expect, uint64_t *version) {
    return put_value(call, F_STATE_PUT, key, value, IMP_MAX_STATE_VALUE, expect, version);
}

static imp_status secret_get(imp_call *call, imp_str name, imp_out *value, uint64_t *version) {
    return get_value(call, F_SECRET_GET, name, value, version);
}

static imp_status secret_put(imp_call *call, imp_str name, imp_str value, uint64_t expect, uint64_t *version) {
    return put_value(call, F_SECRET_PUT, name, value, IMP_MAX_SECRET, expect, version);
}

static imp_status key_pair(imp_call *call, imp_str name, imp_str profile_json, imp_out *json) {
    return simple(call, CLASS_WRITE, F_KEY_PAIR, (imp_str[]){name, profile_json}, 2, IMP_MAX_SECRET, NULL, json);
}

static imp_status cert_issue(imp_call *call, imp_str csr_pem, imp_str profile_json, imp_out *chain_pem) {
    return simple(call, CLASS_WRITE, F_CERT_ISSUE, (imp_str[]){csr_pem, profile_json}, 2, IMP_MAX_SECRET, NULL, chain_pem);
}

static imp_status revocation_list(imp_call *call, imp_str authority, const imp_str *serials, size_t n, imp_out *pem) {
    if (!call_allows(call, CLASS_WRITE)) return not_allowed();
    if (!is_text(authority, 128) || n > 65536 || (n && !serials)) return bad_argument(call, "The authority or the serials are wrong.");
    buffer request = {0};
    buffer_u32(&request, F_REVOCATION_LIST);
    buffer_text(&request, authority);
    buffer_u32(&request, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        if (!is_text(serials[i], 64)) {
            free(request.bytes);
            return bad_argument(call, "A serial is longer than 64 bytes or not UTF-8.");
        }
        buffer_text(&request, serials[i]);
    }
    reader reply;
    imp_status status = ask(call, &request, &reply);
    if (status != IMP_OK) return status;
    status = into(pem, read_bytes(&reply));
    reply_end(&reply);
    return status;
}

const imp_host host_table = {
    .struct_size = sizeof(imp_host),
    .abi_minor = IMP_ABI_MINOR,
    .name = {"impresario", 10},
    .version = {"0.1.0", 5},
    .get_extension = get_extension,
    .out_write = out_append,
    .out_new = out_new,
    .out_view = out_view,
    .out_clear = out_clear,
    .fail = fail,
    .last_problem = last_problem,
    .context = context,
    .log = log_line,
    .progress = progress,
    .cancelled = cancelled,
    .deadline_ns = deadline_ns,
    .node_exec = node_exec,
    .node_put = node_put,
    .node_get = node_get,
    .node_put_artifact = node_put_artifact,
    .node_service = node_service,
    .state_get = state_get,
    .state_put = state_put,
    .secret_get = secret_get,
    .secret_put = secret_put,
    .key_pair = key_pair,
    .cert_issue = cert_issue,
    .event = event,
    .revocation_list = revocation_list,
};

/* What the table held in each minor version. */
static const size_t table_sizes[] = {offsetof(imp_host, revocation_list) + sizeof(void *)};

const imp_host *host_of_minor(uint32_t minor) {
    size_t count = sizeof table_sizes / sizeof *table_sizes;
    size_t size = minor < count ? table_sizes[minor] : sizeof(imp_host);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || mprotect(pages + page, page, PROT_NONE)) die("out of memory");
    imp_host *table = (imp_host *)(pages + page - size);
    memcpy(table, &host_table, size);
    table->struct_size = (uint32_t)size;
    table->abi_minor = minor;
    return table;
}
