// SPDX-License-Identifier: Apache-2.0
/* Typed operations with an argument and a result of every type, with defaults and without, built with the header of draft 0, minor 0. */
#include <impresario/plugin.h>

static const imp_host *host;

static void give(imp_out *out, const void *bytes, size_t n) { host->out_write(out, bytes, n); }

static imp_status echo(imp_call *call, uint8_t b, int32_t i32, uint32_t u32, int64_t i64, uint64_t u64, double f64, const char *str,
                       const char *json, const char *node, int64_t duration, const uint8_t *bytes, size_t nbytes, const char *const *strs,
                       size_t nstrs, uint8_t *b_out, int32_t *i32_out, uint32_t *u32_out, int64_t *i64_out, uint64_t *u64_out,
                       double *f64_out, imp_out *str_out, imp_out *json_out, imp_out *node_out, int64_t *duration_out, imp_out *bytes_out,
                       imp_out *strs_out) {
    (void)call;
    *b_out = b;
    *i32_out = i32;
    *u32_out = u32;
    *i64_out = i64;
    *u64_out = u64;
    *f64_out = f64;
    *duration_out = duration;
    if (str) give(str_out, str, strlen(str));
    if (json) give(json_out, json, strlen(json));
    if (node) give(node_out, node, strlen(node));
    if (bytes) give(bytes_out, bytes, nbytes);
    for (size_t i = 0; i < nstrs; i++) give(strs_out, strs[i], strlen(strs[i]) + 1);
    return IMP_OK;
}

static imp_status secret_length(imp_call *call, const char *secret, uint32_t *length) {
    (void)call;
    *length = (uint32_t)strlen(secret);
    return IMP_OK;
}

#define P(symbol, kind, flag, label, value)                                                                                            \
    static const imp_param symbol = {.struct_size = sizeof(imp_param), .type = kind, .flags = flag, .name = label, .summary = label,      \
                                     .default_json = value}
#define EACH(X)                                                                                                                        \
    X(b, IMP_BOOL, "bool", "true") X(i32, IMP_I32, "i32", "-1") X(u32, IMP_U32, "u32", "1") X(i64, IMP_I64, "i64", "-2")               \
    X(u64, IMP_U64, "u64", "\"18446744073709551615\"") X(f64, IMP_F64, "f64", "0.5") X(str, IMP_STR, "string", NULL)                   \
    X(json, IMP_JSON, "json", NULL) X(node, IMP_NODE, "node", NULL) X(duration, IMP_DURATION, "duration", "\"1m\"")                    \
    X(bytes, IMP_BYTES, "bytes", NULL) X(strs, IMP_STRS, "strings", NULL)
#define IN(name, kind, label, value) P(in_##name, kind, IMP_P_OPTIONAL, label, value);
#define OUT(name, kind, label, value) P(out_##name, kind, IMP_P_OUT | IMP_P_OPTIONAL, label "-out", NULL);
EACH(IN)
EACH(OUT)
#define IN_ROW(name, kind, label, value) &in_##name,
#define OUT_ROW(name, kind, label, value) &out_##name,
static const imp_param *const echo_params[] = {EACH(IN_ROW) EACH(OUT_ROW)};

static const imp_param secret = {.struct_size = sizeof(imp_param), .type = IMP_STR, .flags = IMP_P_SECRET, .name = "secret",
                                 .summary = "A secret", .schema_json = "{\"type\":\"string\",\"minLength\":4}"};
static const imp_param length = {.struct_size = sizeof(imp_param), .type = IMP_U32, .flags = IMP_P_OUT, .name = "length",
                                 .summary = "How long it is", .schema_json = "{\"type\":\"integer\",\"maximum\":8}"};
static const imp_param *const secret_params[] = {&secret, &length};

static const imp_op echo_op = {.struct_size = sizeof(imp_op), .flags = IMP_O_READONLY | IMP_O_IDEMPOTENT, .id = "echo",
                               .summary = "Gives back what it got", .since = "0.1.0", .deprecated = "Nothing replaces it.",
                               .fn = (void (*)(void))echo, .params = echo_params, .nparams = sizeof echo_params / sizeof *echo_params};
static const imp_op secret_op = {.struct_size = sizeof(imp_op), .flags = IMP_O_DESTRUCTIVE | IMP_O_LONG, .id = "secret-length",
                                 .summary = "Counts", .fn = (void (*)(void))secret_length, .params = secret_params, .nparams = 2};
static const imp_op *const ops[] = {&echo_op, &secret_op};

static imp_status nothing(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    return IMP_OK;
}

static const imp_type type = {
    .struct_size = sizeof(imp_type), .id = "probe", .name = "Kinds", .summary = "Every type", .create_schema = "{\"type\":\"object\"}",
    .validate = nothing, .plan = nothing, .bootstrap = nothing, .health = nothing, .destroy = nothing, .ops = ops, .nops = 2,
};
static const imp_type *const types[] = {&type};

static imp_status init(const imp_host *h, imp_call *call) {
    (void)call;
    host = h;
    return IMP_OK;
}

static const imp_plugin plugin = {.struct_size = sizeof(imp_plugin), .id = "kinds", .version = "0.9.0", .vendor = "Tests",
                                  .license = "Apache-2.0", .types = types, .ntypes = 1, .init = init};

IMP_EXPORT const imp_plugin *imp_plugin_v0(uint32_t host_minor) {
    (void)host_minor;
    return &plugin;
}
