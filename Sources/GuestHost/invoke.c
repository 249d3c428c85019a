// SPDX-License-Identifier: Apache-2.0
#include "invoke.h"

#include "call.h"
#include "plugin.h"
#include "typed.h"

static const call_class verb_classes[VERB_COUNT] = {CLASS_PURE,  CLASS_PURE,  CLASS_WRITE, CLASS_WRITE, CLASS_WRITE, CLASS_READ,
                                                    CLASS_WRITE, CLASS_WRITE, CLASS_WRITE, CLASS_WRITE, CLASS_WRITE, CLASS_WRITE};

static const imp_type *find_type(const imp_plugin *plugin, imp_str id) {
    for (size_t i = 0; i < plugin->ntypes; i++)
        if (strlen(plugin->types[i]->id) == id.len && !memcmp(plugin->types[i]->id, id.ptr, id.len)) return plugin->types[i];
    return NULL;
}

static const imp_op *find_op(const imp_type *type, imp_str id) {
    for (size_t i = 0; i < type->nops; i++)
        if (strlen(type->ops[i]->id) == id.len && !memcmp(type->ops[i]->id, id.ptr, id.len)) return type->ops[i];
    return NULL;
}

void invoke_init(const imp_plugin *plugin, const imp_host *host) {
    imp_call call = {.class = CLASS_PURE};
    call_begin(&call);
    imp_status status = plugin->init(host, &call);
    if (status == IMP_OK) return;
    imp_str why = call.failed.is_set ? call.failed.problem.message : (imp_str){NULL, 0};
    refuse("init", "init answered status %d%s%.*s.", status, why.len ? ": " : "", (int)why.len, why.ptr ? why.ptr : "");
}

static void verb(const imp_plugin *plugin, imp_call *call, reader *fields) {
    const imp_type *type = find_type(plugin, read_text(fields));
    uint32_t index = read_u32(fields);
    call->deadline_ns = (int64_t)read_u64(fields);
    call->context = read_text(fields);
    if (!read_end(fields) || index >= VERB_COUNT) die("bad message: the invocation is malformed");
    call->class = verb_classes[index];
    call_begin(call);
    imp_verb function = type ? verb_of(type, index) : NULL;
    if (!function) {
        call_end(call, call_fail(call, IMP_UNIMPLEMENTED, "host.no-such-verb", "The plugin has no such type or verb."), NULL, 0);
        return;
    }
    imp_out *result = out_make(call, IMP_MAX_RESULT);
    if (!result) die("out of memory");
    imp_status status = function(call, call->context, result);
    call_end(call, status, &result, 1);
}

static void typed(const imp_plugin *plugin, imp_call *call, reader *fields) {
    const imp_type *type = find_type(plugin, read_text(fields));
    imp_str id = read_text(fields);
    const imp_op *op = type ? find_op(type, id) : NULL;
    call->deadline_ns = (int64_t)read_u64(fields);
    call->context = read_text(fields);
    if (fields->bad) die("bad message: the invocation is malformed");
    call->class = op && (op->flags & IMP_O_READONLY) ? CLASS_READ : CLASS_WRITE;
    call_begin(call);
    if (op)
        typed_call(op, call, fields);
    else
        call_end(call, call_fail(call, IMP_UNIMPLEMENTED, "host.no-such-operation", "The plugin has no such type or operation."), NULL, 0);
}

static void invoke(const imp_plugin *plugin, const message *m) {
    imp_call call = {.id = m->call};
    reader fields = {.at = m->payload.bytes, .left = m->payload.len};
    if (m->kind == KIND_INVOKE_VERB)
        verb(plugin, &call, &fields);
    else
        typed(plugin, &call, &fields);
}

void invoke_all(const imp_plugin *plugin) {
    message m = {0};
    for (uint64_t last = 0;;) {
        message_receive(&m);
        if (m.kind == KIND_CANCEL && m.call <= last) continue; /* came after the call's end */
        if (m.kind != KIND_INVOKE_VERB && m.kind != KIND_INVOKE_OP) die("bad message: kind %u while no call runs", m.kind);
        if (m.call <= last) die("bad message: call ids must grow");
        last = m.call;
        invoke(plugin, &m);
    }
}
