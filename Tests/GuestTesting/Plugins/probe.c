// SPDX-License-Identifier: Apache-2.0
/* A plugin for tests: does what the document's "do" says. Built by the tests with `cc -shared`. */
#include <errno.h>
#include <fcntl.h>
#include <impresario/plugin.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const imp_host *host;

#define S(text) imp_str_of(text)

static imp_status answer(imp_out *out, const char *json) { return host->out_write(out, json, strlen(json)); }

static bool wants(imp_str document, const char *what) {
    char quoted[128];
    snprintf(quoted, sizeof quoted, "\"do\":\"%s\"", what);
    return memmem(document.ptr, document.len, quoted, strlen(quoted)) != NULL;
}

static imp_status told(imp_call *call, imp_status status, const char *code, const char *field, const char *message) {
    imp_problem problem = {.struct_size = sizeof problem, .code = S(code), .field = S(field), .message = S(message), .detail = S("for the log")};
    return host->fail(call, status, &problem);
}

/* Every host function once; the statuses as a JSON object. */
static imp_status every_host_call(imp_call *call, imp_out *out) {
    imp_out *sink = host->out_new(call, 0);
    uint64_t version = 0;
    imp_str argv[] = {S("true")};
    imp_exec command = {.struct_size = sizeof command, .node = S("n1"), .argv = argv, .argc = 1, .out = sink};
    imp_exec *commands[] = {&command};
    imp_file file = {.struct_size = sizeof file, .mode = 0600, .node = S("n1"), .path = S("/etc/x"), .bytes = S("hello")};
    const imp_file *files[] = {&file};
    imp_str serials[] = {S("0a")};
    char json[1024];
    int n = 0;
    n += sprintf(json + n, "{\"node_exec\":%d", host->node_exec(call, commands, 1));
    n += sprintf(json + n, ",\"node_put\":%d", host->node_put(call, files, 1));
    n += sprintf(json + n, ",\"node_get\":%d", host->node_get(call, S("n1"), S("/etc/x"), 0, sink));
    n += sprintf(json + n, ",\"node_put_artifact\":%d", host->node_put_artifact(call, S("n1"), S("a"), S("/a"), 0600));
    n += sprintf(json + n, ",\"node_service\":%d", host->node_service(call, S("n1"), S("{\"name\":\"d\",\"state\":\"running\",\"argv\":[\"d\"]}")));
    n += sprintf(json + n, ",\"state_put\":%d", host->state_put(call, S("k"), S("v"), 0, &version));
    n += sprintf(json + n, ",\"state_get\":%d", host->state_get(call, S("k"), sink, &version));
    n += sprintf(json + n, ",\"secret_put\":%d", host->secret_put(call, S("s"), S("v"), 0, &version));
    n += sprintf(json + n, ",\"secret_get\":%d", host->secret_get(call, S("s"), sink, &version));
    n += sprintf(json + n, ",\"key_pair\":%d", host->key_pair(call, S("k"), S("{\"ca\":\"c\",\"cn\":\"x\"}"), sink));
    n += sprintf(json + n, ",\"cert_issue\":%d", host->cert_issue(call, S("csr"), S("{\"ca\":\"c\",\"cn\":\"x\"}"), sink));
    n += sprintf(json + n, ",\"revocation_list\":%d}", host->revocation_list(call, S("c"), serials, 1, sink));
    host->progress(call, 5000, S("half"));
    host->event(call, S("something"), S("{\"a\":1}"));
    host->log(call, IMP_LOG_INFO, S("a line"), S("{\"b\":2}"));
    return answer(out, json);
}

/* What the sandbox forbids; each member says whether it was possible. */
static imp_status escape(imp_out *out) {
    char json[512];
    int passwd = open("/etc/passwd", O_RDONLY);
    int written = open("/tmp/impresario-escape", O_WRONLY | O_CREAT, 0600);
    int socket_made = socket(AF_INET, SOCK_STREAM, 0);
    pid_t child = fork();
    if (child == 0) _exit(0);
    char *arguments[] = {NULL};
    bool has_run = execve("/bin/true", arguments, arguments) == 0;
    int n = snprintf(json, sizeof json,
                     "{\"read\":%d,\"write\":%d,\"socket\":%d,\"fork\":%d,\"exec\":%d,\"kill\":%d,\"uid\":%u,\"pid\":%d,\"fds\":%d}", passwd >= 0,
                     written >= 0, socket_made >= 0, child >= 0, has_run, kill(1, 0) == 0 && getpid() > 2, getuid(), getpid(), dup(0));
    return host->out_write(out, json, (size_t)n);
}

static void *thread_main(void *argument) {
    *(int *)argument = 42;
    return NULL;
}

static void *wait_forever(void *nothing) {
    for (;;) pause();
    return nothing;
}

/* What runtimes need and must go on to have. */
static imp_status live(imp_out *out) {
    pthread_t thread;
    int result = 0;
    bool has_thread = pthread_create(&thread, NULL, thread_main, &result) == 0 && pthread_join(thread, NULL) == 0 && result == 42;
    void *memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pthread_attr_t attributes;
    bool has_stack = pthread_getattr_np(pthread_self(), &attributes) == 0;
    char json[128];
    int n = snprintf(json, sizeof json, "{\"thread\":%d,\"memory\":%d,\"stack\":%d}", has_thread, memory != MAP_FAILED, has_stack);
    return host->out_write(out, json, (size_t)n);
}

static imp_status until_cancelled(imp_call *call) {
    while (!host->cancelled(call)) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    return told(call, IMP_CANCELLED, "stopped", "", "stopped as asked");
}

static imp_status act(imp_call *call, imp_str in, imp_out *out) {
    if (wants(in, "nothing")) return IMP_OK;
    if (wants(in, "give back")) return host->out_write(out, in.ptr, in.len);
    if (wants(in, "segv")) raise(SIGSEGV);
    if (wants(in, "abort")) abort();
    if (wants(in, "exit")) exit(7);
    if (wants(in, "null")) *(volatile int *)8 = 1;
    if (wants(in, "eat")) {
        for (int i = 0; i < 400; i++) memset(malloc(1 << 20), 1, 1 << 20);
        return answer(out, "{\"survived\":true}");
    }
    if (wants(in, "threads")) {
        pthread_t thread;
        int n = 0;
        while (n < 1000 && pthread_create(&thread, NULL, wait_forever, NULL) == 0) n++;
        return answer(out, n < 1000 ? "{\"bounded\":true}" : "{\"bounded\":false}");
    }
    if (wants(in, "hang")) for (;;) pause();
    if (wants(in, "wait")) return until_cancelled(call);
    if (wants(in, "escape")) return escape(out);
    if (wants(in, "live")) return live(out);
    if (wants(in, "copy file")) { /* large both ways */
        imp_out *sink = host->out_new(call, 0);
        imp_status status = host->node_get(call, S("n1"), S("/large"), 0, sink);
        imp_str content = host->out_view(sink);
        imp_file file = {.struct_size = sizeof file, .mode = 0600, .node = S("n1"), .path = S("/copy"), .bytes = content};
        const imp_file *both[] = {&file, &file, &file};
        char json[64];
        int n = snprintf(json, sizeof json, "{\"bytes\":%zu}", content.len);
        if (status == IMP_OK) status = host->node_put(call, both, 3);
        return status == IMP_OK ? host->out_write(out, json, (size_t)n) : status;
    }
    if (wants(in, "get")) return host->state_get(call, S("k"), out, NULL) == IMP_NOT_FOUND ? IMP_OK : IMP_INTERNAL;
    if (wants(in, "garbage-json")) return answer(out, "{]");
    if (wants(in, "invalid")) return told(call, IMP_INVALID, "too-few", "/managers", "at least one manager");
    if (wants(in, "own")) return told(call, 1234, "probe.own", "", "its own words");
    if (wants(in, "busy")) {
        fputs("last words\n", stderr);
        return IMP_BUSY;
    }
    if (wants(in, "words")) {
        fputs("first line\nsecond line\n", stderr);
        raise(SIGILL);
    }
    if (wants(in, "flood")) {
        for (int i = 0; i < 20000; i++) host->log(call, IMP_LOG_INFO, S("line"), S(""));
        for (int i = 0; i < 20000; i++) host->progress(call, (uint32_t)i / 2, S("counting"));
        for (int i = 0; i < 5000; i++) fputs("a line on the standard output that nobody asked for\n", stdout);
        fflush(stdout);
        return answer(out, "{\"done\":true}");
    }
    if (wants(in, "huge")) {
        static char block[1 << 20];
        imp_status status = IMP_OK;
        for (int i = 0; i < 5 && status == IMP_OK; i++) status = host->out_write(out, block, sizeof block);
        return status;
    }
    if (wants(in, "big")) { /* many frames */
        char digits[1001];
        memset(digits, '7', 1000);
        imp_status status = host->out_write(out, "{\"big\":\"", 8);
        for (int i = 0; i < 3000; i++) status |= host->out_write(out, digits, 1000);
        return status | host->out_write(out, "\"}", 2);
    }
    if (wants(in, "exec")) {
        imp_out *sink = host->out_new(call, 0);
        imp_str argv[] = {S("echo"), S("hi")}, env[] = {S("A=b=c")};
        imp_exec first = {.struct_size = sizeof first, .node = S("n1"), .argv = argv, .argc = 2, .env = env, .envc = 1, .in = S("in"), .out = sink};
        imp_exec second = first;
        second.node = S("n2");
        second.timeout_ms = 5;
        imp_exec *both[] = {&first, &second};
        imp_status status = host->node_exec(call, both, 2);
        if (status != IMP_OK) return status;
        imp_str text = host->out_view(sink);
        char json[4096];
        int n = snprintf(json, sizeof json, "{\"codes\":[%d,%d],\"results\":[%u,%u],\"text\":\"%s\"}", first.exit_code, second.exit_code, first.result,
                         second.result, text.ptr);
        return host->out_write(out, json, (size_t)n);
    }
    if (wants(in, "every")) return every_host_call(call, out);
    return host->context(call, out);
}

static imp_status with_all_kinds(imp_call *call, uint8_t yes, int32_t i32, uint32_t u32, int64_t i64, uint64_t u64, double f64, const char *text,
                                 const char *json, const char *node, int64_t duration, const uint8_t *bytes, size_t nbytes,
                                 const char *const *texts, size_t ntexts, uint8_t *yes2, int32_t *i32_2, uint32_t *u32_2, int64_t *i64_2,
                                 uint64_t *u64_2, double *f64_2, imp_out *text2, imp_out *json2, imp_out *node2, int64_t *duration2,
                                 imp_out *bytes2, imp_out *texts2) {
    (void)call;
    *yes2 = yes;
    *i32_2 = i32;
    *u32_2 = u32;
    *i64_2 = i64;
    *u64_2 = u64;
    *f64_2 = f64;
    if (text) host->out_write(text2, text, strlen(text));
    host->out_write(json2, json, strlen(json));
    host->out_write(node2, node, strlen(node));
    *duration2 = duration;
    host->out_write(bytes2, bytes, nbytes);
    for (size_t i = 0; i < ntexts; i++) host->out_write(texts2, texts[i], strlen(texts[i]) + 1);
    return IMP_OK;
}

static imp_status peek(imp_call *call, imp_out *seen) { return host->context(call, seen); }

static imp_status refuse_to(imp_call *call) { return told(call, IMP_CONFLICT, "not-now", "", "not now"); }

static imp_status add_one(imp_call *call, int64_t a, int64_t *b) {
    (void)call;
    *b = a + 1;
    return IMP_OK;
}

#define P(symbol, kind, flag, label, value) \
    static const imp_param symbol = {.struct_size = sizeof(imp_param), .type = kind, .flags = flag, .name = label, .summary = label, .default_json = value}
P(p_yes, IMP_BOOL, 0, "yes", NULL);
P(p_i32, IMP_I32, 0, "i32", NULL);
P(p_u32, IMP_U32, IMP_P_OPTIONAL, "u32", "7");
P(p_i64, IMP_I64, 0, "i64", NULL);
P(p_u64, IMP_U64, 0, "u64", NULL);
P(p_f64, IMP_F64, 0, "f64", NULL);
P(p_text, IMP_STR, IMP_P_OPTIONAL, "text", NULL);
P(p_json, IMP_JSON, 0, "json", NULL);
P(p_node, IMP_NODE, 0, "node", NULL);
P(p_duration, IMP_DURATION, 0, "duration", NULL);
P(p_bytes, IMP_BYTES, 0, "bytes", NULL);
P(p_texts, IMP_STRS, IMP_P_OPTIONAL, "texts", NULL);
P(o_yes, IMP_BOOL, IMP_P_OUT, "yes2", NULL);
P(o_i32, IMP_I32, IMP_P_OUT, "i32-2", NULL);
P(o_u32, IMP_U32, IMP_P_OUT, "u32-2", NULL);
P(o_i64, IMP_I64, IMP_P_OUT, "i64-2", NULL);
P(o_u64, IMP_U64, IMP_P_OUT, "u64-2", NULL);
P(o_f64, IMP_F64, IMP_P_OUT, "f64-2", NULL);
P(o_text, IMP_STR, IMP_P_OUT | IMP_P_OPTIONAL, "text2", NULL);
P(o_json, IMP_JSON, IMP_P_OUT, "json2", NULL);
P(o_node, IMP_NODE, IMP_P_OUT, "node2", NULL);
P(o_duration, IMP_DURATION, IMP_P_OUT, "duration2", NULL);
P(o_bytes, IMP_BYTES, IMP_P_OUT, "bytes2", NULL);
P(o_texts, IMP_STRS, IMP_P_OUT, "texts2", NULL);
P(o_seen, IMP_JSON, IMP_P_OUT, "seen", NULL);

static const imp_param *const all_params[] = {&p_yes, &p_i32, &p_u32, &p_i64, &p_u64, &p_f64, &p_text, &p_json, &p_node, &p_duration, &p_bytes, &p_texts,
                                              &o_yes, &o_i32, &o_u32, &o_i64, &o_u64, &o_f64, &o_text, &o_json, &o_node, &o_duration, &o_bytes, &o_texts};
P(p_a, IMP_I64, 0, "a", NULL);
P(o_b, IMP_I64, IMP_P_OUT, "b", NULL);
static const imp_param *const add_params[] = {&p_a, &o_b};
static const imp_param *const peek_params[] = {&o_seen};

static const imp_op all_kinds = {.struct_size = sizeof(imp_op), .flags = IMP_O_IDEMPOTENT, .id = "all-kinds", .summary = "Gives back what it got",
                                 .fn = (void (*)(void))with_all_kinds, .params = all_params, .nparams = 24};
static const imp_op peek_op = {.struct_size = sizeof(imp_op), .flags = IMP_O_READONLY, .id = "peek", .summary = "Shows the document", .since = "1.0.0",
                               .fn = (void (*)(void))peek, .params = peek_params, .nparams = 1};
static const imp_op refuse_op = {.struct_size = sizeof(imp_op), .id = "refuse", .summary = "Fails", .fn = (void (*)(void))refuse_to};
static const imp_op add_op = {.struct_size = sizeof(imp_op), .id = "add-one", .summary = "Adds one", .fn = (void (*)(void))add_one,
                              .params = add_params, .nparams = 2};
static const imp_op *const ops[] = {&all_kinds, &peek_op, &refuse_op, &add_op};

static const char *const capabilities[] = {"grow", "shrink", NULL}, *const packages[] = {"tini", "runit", NULL};
static const imp_type probe = {
    .struct_size = sizeof(imp_type),
    .id = "probe",
    .name = "Probe",
    .summary = "For tests",
    .description_md = "A \"quoted\" word,\nand a second line.",
    .capabilities = capabilities,
    .create_schema = "{\"type\":\"object\",\"properties\":{\"do\":{\"type\":\"string\"}}}",
    .validate = act,
    .plan = act,
    .bootstrap = act,
    .health = act,
    .destroy = act,
    .ops = ops,
    .nops = 4,
};
static const imp_type *const types[] = {&probe};

static imp_status init(const imp_host *h, imp_call *call) {
    host = h;
    host->log(call, IMP_LOG_INFO, S("probe starts"), S(""));
#ifdef FAIL_INIT
    return told(call, IMP_UNAVAILABLE, "no", "", "not today");
#endif
    return IMP_OK;
}

static const imp_plugin plugin = {
    .struct_size = sizeof(imp_plugin),
    .id = "probe",
    .version = "1.2.3",
    .vendor = "Tests",
    .license = "Apache-2.0",
    .packages = packages,
    .types = types,
    .ntypes = 1,
    .init = init,
};

const imp_plugin *imp_plugin_v0(uint32_t host_minor) {
    (void)host_minor;
    return &plugin;
}
