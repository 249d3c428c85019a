/* SPDX-License-Identifier: Apache-2.0
 *
 * A small plugin without a fault, and PLUGIN(…), which makes a library of it with some members replaced: each file of this folder plants one fault.
 * Its clusters are a file and a service on each node. */
#include <impresario/plugin.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#pragma GCC diagnostic ignored "-Woverride-init"
#pragma GCC diagnostic ignored "-Wunused-function"

static const imp_host *host;

#define S(text) imp_str_of(text)

static inline imp_status write_text(imp_out *out, const char *text) { return host->out_write(out, text, strlen(text)); }

static inline imp_status refuse(imp_call *call, const char *field, const char *message) {
    imp_problem problem = {.struct_size = sizeof problem, .code = S("refused"), .field = S(field), .message = S(message)};
    return host->fail(call, IMP_INVALID, &problem);
}

/* The parameter `nodes`, or 0. */
static inline int wanted(imp_str in) {
    static const char head[] = "\"params\":{\"nodes\":";
    const char *at = memmem(in.ptr, in.len, head, sizeof head - 1);
    return at ? atoi(at + sizeof head - 1) : 0;
}

/* Ids of nodes: up to 8 of those that begin behind `head`. */
typedef struct ids {
    imp_str of[8];
    size_t n;
} ids;

static inline ids ids_behind(imp_str in, const char *head, const char *mark) {
    ids found = {0};
    const char *end = in.ptr + in.len, *at = memmem(in.ptr, in.len, head, strlen(head));
    while (at && found.n < 8 && (at = memmem(at, (size_t)(end - at), mark, strlen(mark)))) {
        at += strrchr(mark, '"') + 1 - mark;
        const char *quote = memchr(at, '"', (size_t)(end - at));
        if (!quote) break;
        found.of[found.n++] = (imp_str){at, (size_t)(quote - at)};
        at = quote;
    }
    return found;
}

/* All nodes of the document stand behind its endpoints; those of the arguments at its begin. */
static inline ids all_nodes(imp_str in) { return ids_behind(in, "\"nodes\":[{", "\"id\":\"n"); }

static inline ids args_nodes(imp_str in) {
    ids found = ids_behind(in, "\"args\":{", "\"n0");
    const char *end = memmem(in.ptr, in.len, "\"cluster\":", 10);
    while (found.n && found.of[found.n - 1].ptr > end) found.n--;
    return found;
}

static inline imp_status answer_joined(imp_out *out, ids nodes) {
    char text[1024];
    int n = snprintf(text, sizeof text, "{\"joined\":[");
    for (size_t i = 0; i < nodes.n; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "%s\"%.*s\"", i ? "," : "", (int)nodes.of[i].len, nodes.of[i].ptr);
    snprintf(text + n, sizeof text - (size_t)n, "]}");
    return write_text(out, text);
}

static inline imp_status token(imp_call *call, imp_out *sink) {
    imp_status status = host->secret_get(call, S("token"), sink, NULL);
    if (status != IMP_NOT_FOUND) return status;
    imp_status made = host->secret_put(call, S("token"), S("a-secret"), 0, NULL);
    return made == IMP_OK ? host->secret_get(call, S("token"), sink, NULL) : made;
}

static inline imp_status put_file(imp_call *call, imp_str node, imp_str content) {
    imp_file file = {.struct_size = sizeof file, .mode = 0600, .node = node, .path = S("/etc/planted.conf"), .bytes = content};
    const imp_file *files[] = {&file};
    return host->node_put(call, files, 1);
}

static inline imp_status set_up(imp_call *call, ids nodes) {
    imp_out *secret = host->out_new(call, 0);
    imp_status status = token(call, secret);
    for (size_t i = 0; i < nodes.n && status == IMP_OK; i++) {
        status = put_file(call, nodes.of[i], host->out_view(secret));
        if (status == IMP_OK)
            status = host->node_service(call, nodes.of[i], S("{\"name\":\"planted\",\"state\":\"running\",\"argv\":[\"sleep\",\"inf\"]}"));
    }
    return status;
}

/* Whether the node's file is there: 1, 0, or -1 when the node is not reached. */
static inline int has_file(imp_call *call, imp_str node) {
    imp_str argv[] = {S("test"), S("-e"), S("/etc/planted.conf")};
    imp_exec command = {.struct_size = sizeof command, .node = node, .argv = argv, .argc = 3};
    imp_exec *commands[] = {&command};
    return host->node_exec(call, commands, 1) != IMP_OK ? -1 : command.exit_code == 0;
}

static imp_status good_init(const imp_host *given, imp_call *call) {
    (void)call;
    host = given;
    return IMP_OK;
}

static imp_status good_validate(imp_call *call, imp_str in, imp_out *out) {
    int count = wanted(in);
    if (count < 1 || count > 3) return refuse(call, "/nodes", "There can be 1 to 3 nodes.");
    char text[64];
    snprintf(text, sizeof text, "{\"params\":{\"nodes\":%d}}", count);
    return write_text(out, text);
}

static imp_status good_plan(imp_call *call, imp_str in, imp_out *out) {
    int count = wanted(in);
    if (count < 1 || count > 3) return refuse(call, "/nodes", "There can be 1 to 3 nodes.");
    char text[256];
    snprintf(text, sizeof text, "{\"groups\":[{\"name\":\"node\",\"role\":\"node\",\"count\":%d,\"flavor\":\"tiny\",\"batch\":2}],\"version\":\"1\"}", count);
    return write_text(out, text);
}

static imp_status good_bootstrap(imp_call *call, imp_str in, imp_out *out) {
    ids nodes = all_nodes(in);
    nodes.n = nodes.n > 1 ? 1 : nodes.n;
    imp_status status = set_up(call, nodes);
    return status == IMP_OK ? answer_joined(out, nodes) : status;
}

static imp_status good_join(imp_call *call, imp_str in, imp_out *out) {
    ids nodes = args_nodes(in);
    imp_status status = set_up(call, nodes);
    return status == IMP_OK ? answer_joined(out, nodes) : status;
}

static imp_status good_leave(imp_call *call, imp_str in, imp_out *out) {
    (void)out;
    ids nodes = args_nodes(in);
    imp_status status = IMP_OK;
    for (size_t i = 0; i < nodes.n && status == IMP_OK; i++)
        status = host->node_service(call, nodes.of[i], S("{\"name\":\"planted\",\"state\":\"absent\"}"));
    return status;
}

static imp_status good_health(imp_call *call, imp_str in, imp_out *out) {
    ids nodes = all_nodes(in);
    size_t up = 0;
    for (size_t i = 0; i < nodes.n; i++) up += has_file(call, nodes.of[i]) == 1;
    char text[64];
    snprintf(text, sizeof text, "{\"health\":\"%s\"}", up == nodes.n ? "healthy" : up ? "degraded" : "unhealthy");
    return write_text(out, text);
}

static imp_status good_credentials(imp_call *call, imp_str in, imp_out *out) {
    (void)in;
    imp_status status = host->state_get(call, S("bindings"), NULL, NULL);
    if (status == IMP_NOT_FOUND) status = host->state_put(call, S("bindings"), S("1"), 0, NULL);
    return status == IMP_OK ? write_text(out, "{\"files\":{\"key\":\"k\"},\"env\":{\"PLANTED\":\"${dir}/key\"}}") : status;
}

static imp_status good_revoke(imp_call *call, imp_str in, imp_out *out) {
    (void)in, (void)out;
    uint64_t version = 0;
    imp_status status = host->state_get(call, S("bindings"), NULL, &version);
    if (status == IMP_NOT_FOUND) return IMP_OK;
    return status == IMP_OK ? host->state_put(call, S("bindings"), (imp_str){NULL, 0}, version, NULL) : status;
}

static imp_status good_destroy(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    return IMP_OK;
}

static imp_status good_length(imp_call *call, const char *text, uint32_t *length) {
    (void)call;
    *length = text ? (uint32_t)strlen(text) : 0;
    return IMP_OK;
}

#ifndef LENGTH
#define LENGTH good_length
#endif
#ifndef VERSION
#define VERSION "1.0.0"
#endif
#ifndef ENTRY
#define ENTRY
#endif

/* Replaces members of imp_type. */
#define PLUGIN(...)                                                                                                                                  \
    static const imp_param text_param = {sizeof text_param, IMP_STR, IMP_P_OPTIONAL, 0, "text", "A text.", NULL, NULL};                              \
    static const imp_param length_param = {sizeof length_param, IMP_U32, IMP_P_OUT, 0, "length", "Its length.", NULL, NULL};                         \
    static const imp_param *const params[] = {&text_param, &length_param};                                                                           \
    static const imp_op length_op = {sizeof length_op, IMP_O_READONLY, "length", "Length of a text.", NULL, NULL, (void (*)(void))LENGTH, params, 2}; \
    static const imp_op *const ops[] = {&length_op};                                                                                                 \
    static const imp_type type = {.struct_size = sizeof type,                                                                                        \
                                  .id = "planted",                                                                                                   \
                                  .name = "Planted",                                                                                                 \
                                  .summary = "A file and a service on each node.",                                                                   \
                                  .create_schema = "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"nodes\":{"                 \
                                                   "\"type\":\"integer\",\"minimum\":1,\"maximum\":9,\"default\":3}}}",                              \
                                  .validate = good_validate,                                                                                         \
                                  .plan = good_plan,                                                                                                 \
                                  .bootstrap = good_bootstrap,                                                                                       \
                                  .join = good_join,                                                                                                 \
                                  .leave = good_leave,                                                                                               \
                                  .health = good_health,                                                                                             \
                                  .credentials = good_credentials,                                                                                   \
                                  .revoke = good_revoke,                                                                                             \
                                  .destroy = good_destroy,                                                                                           \
                                  .ops = ops,                                                                                                        \
                                  .nops = 1,                                                                                                         \
                                  __VA_ARGS__};                                                                                                      \
    static const imp_type *const types[] = {&type};                                                                                                  \
    static const imp_plugin plugin = {.struct_size = sizeof plugin,                                                                                  \
                                      .id = "planted",                                                                                               \
                                      .version = VERSION,                                                                                            \
                                      .vendor = "tests",                                                                                             \
                                      .license = "Apache-2.0",                                                                                       \
                                      .types = types,                                                                                                \
                                      .ntypes = 1,                                                                                                   \
                                      .init = good_init};                                                                                            \
    IMP_EXPORT const imp_plugin *imp_plugin_v0(uint32_t host_minor) {                                                                                \
        (void)host_minor;                                                                                                                            \
        ENTRY;                                                                                                                                       \
        return &plugin;                                                                                                                              \
    }
