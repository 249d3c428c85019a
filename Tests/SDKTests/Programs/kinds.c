/* SPDX-License-Identifier: Apache-2.0
 * A plugin in C that gives back what it got: every kind of parameter through the table that impresario/operations.h makes. */
#include <impresario/helpers.h>
#include <impresario/operations.h>

static const imp_host *host;

#define ALL_KINDS(P)                                       \
    P(IN, BOOL, yes, "yes", "A truth value.")              \
    P(IN, I32, i32, "i32", "A number.")                    \
    P(OPTIONAL, U32, u32, "u32", "With a default.", "7")   \
    P(IN, I64, i64, "i64", "A number.")                    \
    P(IN, U64, u64, "u64", "A number.")                    \
    P(IN, F64, f64, "f64", "A number.")                    \
    P(OPTIONAL, STR, text, "text", "May be left out.")     \
    P(IN, JSON, json, "json", "Any value.")                \
    P(IN, NODE, node, "node", "A node.")                   \
    P(IN, DURATION, duration, "duration", "How long.")     \
    P(IN, BYTES, bytes, "bytes", "Bytes.")                 \
    P(OPTIONAL, STRS, texts, "texts", "May be left out.")  \
    P(SECRET, STR, secret, "secret", "Not logged.")        \
    P(OUT, BOOL, yes2, "yes2", "The same.")                \
    P(OUT, I32, i32_2, "i32-2", "The same.")               \
    P(OUT, U32, u32_2, "u32-2", "The same.")               \
    P(OUT, I64, i64_2, "i64-2", "The same.")               \
    P(OUT, U64, u64_2, "u64-2", "The same.")               \
    P(OUT, F64, f64_2, "f64-2", "The same.")               \
    P(OPTIONAL_OUT, STR, text2, "text2", "The same.")      \
    P(OUT, JSON, json2, "json2", "The same.")              \
    P(OUT, NODE, node2, "node2", "The same.")              \
    P(OUT, DURATION, duration2, "duration2", "The same.")  \
    P(OUT, BYTES, bytes2, "bytes2", "The same.")           \
    P(OUT, STRS, texts2, "texts2", "The same.")            \
    P(SECRET_OUT, STR, secret2, "secret2", "The same.")
IMP_OPERATION(all_kinds, ALL_KINDS, IMP_O_IDEMPOTENT, "all-kinds", "Gives back what it got.", "1.1.0");

IMP_OPERATION(name, IMP_NO_PARAMETERS, IMP_O_READONLY, "fail", "Fails, with the cluster's name.");

static imp_status all_kinds(imp_call *call, uint8_t yes, int32_t i32, uint32_t u32, int64_t i64, uint64_t u64, double f64, const char *text, const char *json,
                            const char *node, int64_t duration, const uint8_t *bytes, size_t bytes_count, const char *const *texts, size_t texts_count,
                            const char *secret, uint8_t *yes2, int32_t *i32_2, uint32_t *u32_2, int64_t *i64_2, uint64_t *u64_2, double *f64_2, imp_out *text2,
                            imp_out *json2, imp_out *node2, int64_t *duration2, imp_out *bytes2, imp_out *texts2, imp_out *secret2) {
    (void)call;
    *yes2 = yes, *i32_2 = i32, *u32_2 = u32, *i64_2 = i64, *u64_2 = u64, *f64_2 = f64, *duration2 = duration;
    if (text) host->out_write(text2, text, strlen(text));
    host->out_write(json2, json, strlen(json));
    host->out_write(node2, node, strlen(node));
    host->out_write(bytes2, bytes, bytes_count);
    for (size_t i = 0; i < texts_count; i++) host->out_write(texts2, texts[i], strlen(texts[i]) + 1);
    host->out_write(secret2, secret, strlen(secret));
    return IMP_OK;
}

static imp_status name(imp_call *call) {
    IMP_ARENA(arena);
    imp_task t;
    imp_status status = imp_task_begin_operation(&t, host, call, &arena);
    if (status != IMP_OK) return status;
    return imp_failf(&t, IMP_CONFLICT, "not-now", "/x", "not for %.*s", IMP_F(imp_json_text(imp_json_at(t.document, "/cluster/name"))));
}

/* What the helpers make of two commands, of which one node (n2) fails. */
static imp_status bootstrap(imp_call *call, imp_str in, imp_out *out) {
    IMP_ARENA(arena);
    imp_task t;
    imp_status status = imp_task_begin(&t, host, call, &arena, in);
    if (status != IMP_OK) return status;
    imp_node nodes[] = {{.id = imp_str_of("n1"), .name = imp_str_of("one")}, {.id = imp_str_of("n2"), .name = imp_str_of("two")}};
    const char *const *argv = IMP_ARGV("echo", "hi");
    imp_run runs[] = {{.node = &nodes[0], .argv = argv}, {.node = &nodes[1], .argv = argv}};
    if ((status = imp_run_all(&t, runs, 2)) != IMP_OK || (status = imp_pause(&t, 1)) != IMP_OK) return status;
    if (imp_str_is(imp_json_text(imp_json_at(t.params, "/do")), "expect")) return imp_run_expect(&t, &runs[1], "say hi");
    imp_pair pair;
    imp_writer profile = imp_task_writer(&t);
    imp_put_object(&profile, NULL);
    imp_put_end(&profile);
    if ((status = imp_pair_get(&t, "server", imp_put_view(&profile), &pair)) != IMP_OK) return status;
    imp_writer w = imp_writer_to(host, out);
    imp_put_object(&w, NULL);
    imp_put_text(&w, "first", runs[0].out);
    imp_put_integer(&w, "second", runs[1].status == IMP_OK ? runs[1].exit_code : -runs[1].status);
    imp_put_text(&w, "cert", pair.cert);
    imp_put_value(&w, "params", t.params);
    imp_put_integer(&w, "nodes", (int64_t)t.count);
    imp_put_end(&w);
    return imp_put_finish(&w);
}

static imp_status nothing(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    return IMP_OK;
}

static const imp_op *const operations[] = {&all_kinds_operation, &name_operation};
static const imp_type type = {.struct_size = sizeof type, .id = "probe", .name = "Kinds", .summary = "For tests.", .create_schema = "{\"type\":\"object\"}", .validate = nothing,
                              .plan = nothing, .bootstrap = bootstrap, .health = nothing, .destroy = nothing, .ops = operations, .nops = 2};
static const imp_type *const types[] = {&type};

static imp_status init(const imp_host *offered, imp_call *call) {
    (void)call;
    host = offered;
    return IMP_OK;
}

static const imp_plugin plugin = {.struct_size = sizeof plugin, .id = "kinds", .version = "1.2.3", .vendor = "Tests", .license = "Apache-2.0", .types = types,
                                  .ntypes = 1, .init = init};

IMP_EXPORT const imp_plugin *imp_plugin_v0(uint32_t host_minor) {
    (void)host_minor;
    return &plugin;
}
