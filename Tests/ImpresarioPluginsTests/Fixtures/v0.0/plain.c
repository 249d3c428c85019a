// SPDX-License-Identifier: Apache-2.0
/* A plugin in C as somebody built it with the header of draft 0, minor 0: every verb, every host function, every member of every struct. */
#include <impresario/plugin.h>

#include <stdio.h>

static const imp_host *host;

static imp_status say(imp_out *out, const char *json) { return host->out_write(out, json, strlen(json)); }

static imp_status fail(imp_call *call) {
    imp_problem problem = {
        .struct_size = sizeof problem,
        .flags = IMP_E_RETRY,
        .retry_after_ms = 7,
        .owner = IMP_OWNER_TENANT,
        .code = imp_str_of("old-problem"),
        .field = imp_str_of("/size"),
        .message = imp_str_of("an old plugin says no"),
        .detail = imp_str_of("for the log"),
    };
    return host->fail(call, IMP_CONFLICT, &problem);
}

static imp_status validate(imp_call *call, imp_str in, imp_out *out) {
    (void)in;
    if (host->cancelled(call) || host->deadline_ns(call) <= 0) return IMP_INTERNAL;
    return say(out, "{\"params\":{\"size\":3},\"warnings\":[\"old\"]}");
}

static imp_status plan(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in;
    return say(out, "{\"groups\":[{\"name\":\"all\",\"role\":\"member\",\"count\":3,\"flavor\":\"small\",\"packages\":[\"hello\"],\"batch\":1}],"
                    "\"endpoints\":[{\"name\":\"api\",\"group\":\"all\",\"port\":80,\"expose\":\"tenant\"}],\"version\":\"1\"}");
}

/* Every host function once; beside what bootstrap must answer the sum of their statuses. */
static imp_status bootstrap(imp_call *call, imp_str in, imp_out *out) {
    (void)in;
    imp_out *sink = host->out_new(call, 1 << 16);
    uint64_t version = 0;
    imp_str argv[] = {imp_str_of("echo"), imp_str_of("old")}, env[] = {imp_str_of("A=b")};
    imp_exec command = {.struct_size = sizeof command, .node = imp_str_of("n1"), .argv = argv, .argc = 2, .env = env, .envc = 1,
                        .user = imp_str_of("nobody"), .cwd = imp_str_of("/tmp"), .in = imp_str_of("in"), .timeout_ms = 1000,
                        .output_limit = 100, .out = sink, .err = sink, .exit_code = 99, .result = 99};
    imp_exec *commands[] = {&command};
    imp_file file = {.struct_size = sizeof file, .mode = 0640, .node = imp_str_of("n1"), .path = imp_str_of("/etc/old"),
                     .owner = imp_str_of("nobody"), .bytes = imp_str_of("old")};
    const imp_file *files[] = {&file};
    imp_str serials[] = {imp_str_of("0a")};
    imp_str profile = imp_str_of("{\"ca\":\"c\",\"cn\":\"x\"}");

    imp_status sum = host->context(call, sink);
    host->out_clear(sink);
    sum |= host->node_exec(call, commands, 1);
    imp_str told = host->out_view(sink);
    sum |= told.len == strlen("n1:old;") && !memcmp(told.ptr, "n1:old;", told.len) ? 0 : 1 << 16;
    sum |= command.exit_code == 0 && command.result == 0 ? 0 : 1 << 17;
    sum |= host->node_put(call, files, 1);
    sum |= host->node_get(call, imp_str_of("n1"), imp_str_of("/etc/old"), 0, sink);
    sum |= host->node_service(call, imp_str_of("n1"), imp_str_of("{\"name\":\"old\",\"state\":\"running\",\"argv\":[\"old\"]}"));
    sum |= host->state_put(call, imp_str_of("k"), imp_str_of("v"), 0, &version);
    sum |= version == 1 ? 0 : 1 << 18;
    sum |= host->state_get(call, imp_str_of("k"), sink, &version);
    sum |= host->secret_put(call, imp_str_of("s"), imp_str_of("v"), 0, &version);
    sum |= host->secret_get(call, imp_str_of("s"), sink, &version);
    sum |= host->key_pair(call, imp_str_of("k"), profile, sink);
    sum |= host->cert_issue(call, imp_str_of("csr"), profile, sink);
    sum |= host->revocation_list(call, imp_str_of("c"), serials, 1, sink);
    sum |= host->node_put_artifact(call, imp_str_of("n1"), imp_str_of("a"), imp_str_of("/a"), 0600) == IMP_UNIMPLEMENTED ? 0 : 1 << 19;
    const imp_problem *why = host->last_problem(call);
    sum |= why && IMP_HAS(why, detail) && why->message.len ? 0 : 1 << 20;
    host->progress(call, 5000, imp_str_of("half"));
    host->event(call, imp_str_of("old-event"), imp_str_of("{\"a\":1}"));
    host->log(call, IMP_LOG_NOTICE, imp_str_of("old line"), imp_str_of("{\"b\":2}"));

    char json[128];
    snprintf(json, sizeof json, "{\"joined\":[\"n1\"],\"failures\":%d}", sum);
    return say(out, json);
}

static imp_status joined(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in;
    return say(out, "{\"joined\":[\"n1\"]}");
}

static imp_status health(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in;
    return say(out, "{\"health\":\"degraded\",\"conditions\":[{\"type\":\"Old\",\"severity\":\"info\",\"message\":\"It is old.\"}],"
                    "\"nodes\":[{\"id\":\"n1\",\"state\":\"ready\",\"removable\":true,\"removal_cost\":2}],\"version\":\"1\"}");
}

static imp_status credentials(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in;
    return say(out, "{\"files\":{\"key\":\"k\"},\"env\":{\"OLD\":\"${dir}/key\"},\"expires_at\":\"2030-01-01T00:00:00Z\"}");
}

static imp_status nothing(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    return IMP_OK;
}

static imp_status refuse(imp_call *call, imp_str in, imp_out *out) {
    (void)in, (void)out;
    return fail(call);
}

static const void *no_extension(const char *id) {
    (void)id;
    return NULL;
}

static const char *const capabilities[] = {"resize", NULL}, *const packages[] = {"hello", NULL};
static const imp_type type = {
    .struct_size = sizeof(imp_type),
    .id = "probe",
    .name = "Old",
    .summary = "From the past",
    .description_md = "*Old.*",
    .capabilities = capabilities,
    .create_schema = "{\"type\":\"object\",\"properties\":{\"size\":{\"type\":\"integer\"}}}",
    .update_schema = "{\"type\":\"object\",\"properties\":{\"size\":{\"type\":\"integer\"}}}",
    .binding_schema = "{\"type\":\"object\"}",
    .validate = validate,
    .plan = plan,
    .bootstrap = bootstrap,
    .join = joined,
    .leave = nothing,
    .health = health,
    .credentials = credentials,
    .revoke = nothing,
    .configure = refuse,
    .upgrade = nothing,
    .migrate = nothing,
    .destroy = nothing,
    .get_extension = no_extension,
};
static const imp_type *const types[] = {&type};

static imp_status init(const imp_host *h, imp_call *call) {
    (void)call;
    if (!IMP_HAS(h, revocation_list) || h->get_extension(h, "imp.never/1")) return IMP_UNIMPLEMENTED;
    host = h;
    return IMP_OK;
}

static const imp_plugin plugin = {
    .struct_size = sizeof(imp_plugin),
    .abi_minor = IMP_ABI_MINOR,
    .min_host_minor = 0,
    .state_format = 4,
    .id = "plain",
    .version = "0.9.0",
    .vendor = "Tests",
    .license = "Apache-2.0",
    .url = "https://example.org/plain",
    .packages = packages,
    .types = types,
    .ntypes = 1,
    .init = init,
};

IMP_EXPORT const imp_plugin *imp_plugin_v0(uint32_t host_minor) {
    (void)host_minor;
    return &plugin;
}
