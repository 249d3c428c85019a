// SPDX-License-Identifier: Apache-2.0
/* Typed operations through libffi. https://sourceware.org/libffi/: arguments are passed by pointers to them; a return value narrower than a
 * register comes back widened in an ffi_arg. */
#include "typed.h"

#include <ffi.h>
#include <stdlib.h>

/* One C argument, and the storage that it or its pointer stands for. */
typedef union slot {
    uint8_t u8;
    int32_t i32;
    uint32_t u32;
    int64_t i64;
    uint64_t u64;
    double f64;
    size_t size;
    const void *pointer;
} slot;

typedef struct frame {
    ffi_type *types[1 + 2 * IMP_MAX_PARAMS];
    slot slots[1 + 2 * IMP_MAX_PARAMS];
    void *pointers[1 + 2 * IMP_MAX_PARAMS];
    unsigned count;
    slot results[IMP_MAX_PARAMS]; /* what out parameters of numbers point to */
    imp_out *outs[IMP_MAX_PARAMS]; /* a value of the RESULT for each out parameter */
    unsigned nouts;
    void *owned[IMP_MAX_PARAMS]; /* copies with a NUL, lists */
} frame;

static bool is_text(uint32_t type) { return type == IMP_STR || type == IMP_JSON || type == IMP_NODE; }

static size_t scalar_size(uint32_t type) {
    switch (type) {
    case IMP_BOOL: return 1;
    case IMP_I32:
    case IMP_U32: return 4;
    case IMP_I64:
    case IMP_U64:
    case IMP_F64:
    case IMP_DURATION: return 8;
    default: return 0;
    }
}

static ffi_type *scalar_type(uint32_t type) {
    switch (type) {
    case IMP_BOOL: return &ffi_type_uint8;
    case IMP_I32: return &ffi_type_sint32;
    case IMP_U32: return &ffi_type_uint32;
    case IMP_U64: return &ffi_type_uint64;
    case IMP_F64: return &ffi_type_double;
    default: return &ffi_type_sint64;
    }
}

static slot *push(frame *f, ffi_type *type) {
    f->types[f->count] = type;
    f->pointers[f->count] = &f->slots[f->count];
    return &f->slots[f->count++];
}

_Noreturn static void malformed(void) { die("bad message: an argument does not match its declaration"); }

/* A copy of the text with a NUL behind it, or NULL for one that is absent. */
static const char *text_argument(frame *f, unsigned i, bool is_present, imp_str text) {
    if (!is_present) return NULL;
    if (text.len && memchr(text.ptr, 0, text.len)) malformed();
    char *copy = malloc(text.len + 1);
    if (!copy) die("out of memory");
    if (text.len) memcpy(copy, text.ptr, text.len);
    copy[text.len] = 0;
    return f->owned[i] = copy;
}

/* A list of NUL-terminated texts in one allocation: the pointers, then what they point to. */
static void list_argument(frame *f, unsigned i, bool is_present, imp_str value) {
    reader list = {.at = (const uint8_t *)value.ptr, .left = value.len};
    size_t n = is_present ? read_u32(&list) : 0;
    if (n > list.left / sizeof(uint32_t)) malformed();
    char **pointers = malloc(n * sizeof *pointers + list.left + n + 1);
    if (!pointers) die("out of memory");
    char *at = (char *)(pointers + n);
    for (size_t k = 0; k < n; k++) {
        imp_str text = read_text(&list);
        if (list.bad || (text.len && memchr(text.ptr, 0, text.len))) malformed();
        pointers[k] = at;
        if (text.len) memcpy(at, text.ptr, text.len);
        at[text.len] = 0;
        at += text.len + 1;
    }
    if (is_present && !read_end(&list)) malformed();
    f->owned[i] = pointers;
    push(f, &ffi_type_pointer)->pointer = is_present ? pointers : NULL;
    push(f, &ffi_type_uint64)->size = n;
}

static void in_argument(frame *f, unsigned i, const imp_param *p, reader *fields) {
    bool is_present = read_u8(fields);
    imp_str value = is_text(p->type) ? read_text(fields) : read_bytes(fields);
    if (fields->bad || (!is_present && (value.len || !(p->flags & IMP_P_OPTIONAL)))) malformed();
    size_t size = scalar_size(p->type);
    if (size) {
        if (value.len != size) malformed();
        slot *s = push(f, scalar_type(p->type));
        memcpy(s, value.ptr, size); /* little-endian, as every member of the union begins at its first byte */
        if (p->type == IMP_BOOL && s->u8 > 1) malformed();
    } else if (p->type == IMP_BYTES) {
        push(f, &ffi_type_pointer)->pointer = is_present ? (value.len ? value.ptr : "") : NULL;
        push(f, &ffi_type_uint64)->size = value.len;
    } else if (p->type == IMP_STRS) {
        list_argument(f, i, is_present, value);
    } else {
        push(f, &ffi_type_pointer)->pointer = text_argument(f, i, is_present, value);
    }
}

static void out_argument(frame *f, unsigned i, const imp_param *p, imp_call *call) {
    imp_out *out = out_make(call, IMP_MAX_RESULT);
    if (!out) die("out of memory");
    f->outs[f->nouts++] = out;
    f->results[i].u64 = 0;
    push(f, &ffi_type_pointer)->pointer = scalar_size(p->type) ? (void *)&f->results[i] : out;
}

void typed_call(const imp_op *op, imp_call *call, reader *fields) {
    frame f = {0};
    push(&f, &ffi_type_pointer)->pointer = call;
    if (read_u32(fields) != op->nparams) malformed();
    for (unsigned i = 0; i < op->nparams; i++) {
        const imp_param *p = op->params[i];
        if (read_u32(fields) != p->type) malformed();
        if (p->flags & IMP_P_OUT) out_argument(&f, i, p, call);
        else in_argument(&f, i, p, fields);
    }
    if (!read_end(fields)) malformed();

    ffi_cif cif;
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, f.count, &ffi_type_sint32, f.types) != FFI_OK) die("libffi refuses the signature of %s", op->id);
    ffi_arg result = 0;
    ffi_call(&cif, op->fn, &result, f.pointers);
    imp_status status = (imp_status)result;

    size_t total = 0;
    for (unsigned i = 0, k = 0; i < op->nparams; i++) {
        const imp_param *p = op->params[i];
        if (!(p->flags & IMP_P_OUT)) continue;
        imp_out *out = f.outs[k++];
        size_t size = scalar_size(p->type);
        if (size) buffer_append(&out->bytes, &f.results[i], size);
        total += out->bytes.len;
    }
    if (status == IMP_OK && total > IMP_MAX_REQUEST)
        status = call_fail(call, IMP_EXHAUSTED, "host.result-too-big", "All results of the operation together are too long.");
    call_end(call, status, f.outs, f.nouts);
    for (unsigned i = 0; i < op->nparams; i++) free(f.owned[i]);
}
