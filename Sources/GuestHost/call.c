// SPDX-License-Identifier: Apache-2.0
#include "call.h"

#include <stdio.h>
#include <stdlib.h>

/* Host functions are bound to the one call and the one thread that runs it; anything else is refused without touching it. */
static imp_call *current;
static _Thread_local bool is_call_thread;

void call_begin(imp_call *call) {
    current = call;
    is_call_thread = true;
}

bool call_is_current(const imp_call *call) { return is_call_thread && call && call == current; }

imp_out *out_make(imp_call *call, size_t max) {
    if (!call_is_current(call) || call->scratch + sizeof(imp_out) > IMP_MAX_SCRATCH) return NULL;
    imp_out *out = calloc(1, sizeof *out);
    if (!out) return NULL;
    call->scratch += sizeof *out;
    out->call = call;
    out->max = max;
    out->next = call->outs;
    call->outs = out;
    return out;
}

imp_status out_append(imp_out *out, const void *bytes, size_t len) {
    if (!out || !call_is_current(out->call)) return IMP_PRECONDITION;
    if (len && !bytes) return call_fail(out->call, IMP_INVALID, "host.null", "The bytes to be written are NULL.");
    if (len > out->max - out->bytes.len)
        return call_fail(out->call, IMP_EXHAUSTED, "host.sink-full", "The result is longer than its sink may hold.");
    if (len > IMP_MAX_SCRATCH - out->call->scratch)
        return call_fail(out->call, IMP_EXHAUSTED, "host.scratch-full", "All sinks of this call together hold too much.");
    buffer_append(&out->bytes, bytes, len);
    out->call->scratch += len;
    return IMP_OK;
}

static imp_str keep(stored_problem *to, imp_str text, size_t max) {
    if (!text.ptr || !is_utf8(text)) return (imp_str){NULL, 0};
    if (text.len > max)
        for (text.len = max; text.len && (text.ptr[text.len] & 0xC0) == 0x80; text.len--) {} /* cut between characters */
    size_t at = to->texts.len;
    buffer_append(&to->texts, text.ptr, text.len);
    return (imp_str){(const char *)at, text.len}; /* an offset until the buffer is complete */
}

static void settle(stored_problem *to, imp_str *text) {
    text->ptr = text->len ? (const char *)to->texts.bytes + (size_t)text->ptr : NULL;
}

void problem_store(stored_problem *to, const imp_problem *from) {
    to->texts.len = 0;
    to->is_set = from != NULL;
    if (!from) return;
    to->problem = (imp_problem){
        .struct_size = sizeof(imp_problem), .flags = from->flags, .retry_after_ms = from->retry_after_ms, .owner = from->owner};
    to->problem.code = keep(to, from->code, 128);
    to->problem.field = keep(to, from->field, 1024);
    to->problem.message = keep(to, from->message, 4096);
    to->problem.detail = keep(to, from->detail, 16384);
    settle(to, &to->problem.code);
    settle(to, &to->problem.field);
    settle(to, &to->problem.message);
    settle(to, &to->problem.detail);
}

void problem_write(buffer *to, const stored_problem *problem) {
    buffer_u8(to, problem && problem->is_set);
    if (!problem || !problem->is_set) return;
    const imp_problem *p = &problem->problem;
    buffer_u32(to, p->flags);
    buffer_u32(to, p->retry_after_ms);
    buffer_u32(to, p->owner);
    buffer_text(to, p->code);
    buffer_text(to, p->field);
    buffer_text(to, p->message);
    buffer_text(to, p->detail);
}

void problem_read(reader *from, stored_problem *to) {
    if (!read_u8(from)) {
        problem_store(to, NULL);
        return;
    }
    imp_problem p = {.struct_size = sizeof p};
    p.flags = read_u32(from);
    p.retry_after_ms = read_u32(from);
    p.owner = read_u32(from);
    p.code = read_text(from);
    p.field = read_text(from);
    p.message = read_text(from);
    p.detail = read_text(from);
    problem_store(to, from->bad ? NULL : &p);
}

imp_status call_fail(imp_call *call, imp_status status, const char *code, const char *message) {
    imp_problem problem = {
        .struct_size = sizeof problem,
        .owner = IMP_OWNER_PLUGIN,
        .code = imp_str_of(code),
        .message = imp_str_of(message),
    };
    problem_store(&call->last, &problem);
    call->last_status = status;
    return status;
}

/* A loop of them would flood the log. */
enum { VIOLATIONS_TOLD = 16 };

void call_tell_violation(imp_call *call, const char *function) {
    static const char *const classes[] = {"pure", "read", "write"};
    if (call->violations++ >= VIOLATIONS_TOLD) return;
    char message[160], fields[96];
    snprintf(message, sizeof message, "The plugin called %s, which a [%s] verb may not.", function, classes[call->class]);
    snprintf(fields, sizeof fields, "{\"host\":\"not-allowed\",\"function\":\"%s\"}", function);
    buffer payload = {0};
    buffer_u32(&payload, IMP_LOG_WARNING);
    buffer_text(&payload, imp_str_of(message));
    buffer_text(&payload, imp_str_of(fields));
    message_send(KIND_LOG, call->id, 0, &payload);
    free(payload.bytes);
}

bool call_allows_function(imp_call *call, call_class needed, const char *function) {
    if (!call_is_current(call)) return false;
    problem_store(&call->last, NULL);
    call->last_status = IMP_OK;
    if (call->class >= needed) return true;
    call_tell_violation(call, function);
    call_fail(call, IMP_PRECONDITION, "host.not-allowed", "A verb of this class may not call this host function.");
    return false;
}

imp_status call_broker(imp_call *call, const buffer *request, reader *reply) {
    if (request->len > MESSAGE_MAX) return call_fail(call, IMP_EXHAUSTED, "host.request-too-big", "The request is too big.");
    message *m = &call->incoming;
    message_send(KIND_REQUEST, call->id, ++call->last_request, request);
    for (;;) {
        message_receive(m);
        if (m->call != call->id) die("bad message: call %lu is not the one that runs", (unsigned long)m->call);
        if (m->kind == KIND_REPLY) break;
        if (m->kind != KIND_CANCEL) die("bad message: kind %u while a reply is awaited", m->kind);
        call->is_cancelled = true;
    }
    if (m->request != call->last_request) die("bad message: reply to request %lu", (unsigned long)m->request);
    *reply = (reader){.at = m->payload.bytes, .left = m->payload.len};
    imp_status status = (imp_status)read_u32(reply);
    problem_read(reply, &call->last);
    if (reply->bad) die("bad message: the reply is malformed");
    call->last_status = status;
    if (status != IMP_OK && !call->last.is_set) call_fail(call, status, "host.failed", "The host gave no reason.");
    return status;
}

void reply_end(const reader *reply) {
    if (!read_end(reply)) die("bad message: the reply is malformed");
}

void call_end(imp_call *call, imp_status status, imp_out *const *values, size_t nvalues) {
    const stored_problem *why = &call->failed;
    if (!why->is_set && call->last_status == status) why = &call->last;
    buffer payload = {0};
    buffer_u32(&payload, (uint32_t)status);
    problem_write(&payload, status == IMP_OK ? NULL : why);
    buffer_u32(&payload, status == IMP_OK ? (uint32_t)nvalues : 0);
    for (size_t i = 0; i < nvalues && status == IMP_OK; i++)
        buffer_text(&payload, (imp_str){(const char *)values[i]->bytes.bytes, values[i]->bytes.len});
    current = NULL;
    message_send(KIND_RESULT, call->id, 0, &payload);
    free(payload.bytes);
    for (imp_out *out = call->outs, *next; out; out = next) {
        next = out->next;
        free(out->bytes.bytes);
        free(out);
    }
    free(call->last.texts.bytes);
    free(call->failed.texts.bytes);
    free(call->incoming.payload.bytes);
}
