/* SPDX-License-Identifier: Apache-2.0
 *
 * The cluster type '@NAME@': nodes that each run one daemon, which answers those who know a token with a greeting. It is small, and it is whole:
 * what is here in one place is what every type does. Put your daemon where this one is.
 *
 * Three rules hold for all of it (impresario/plugin.h has the others):
 *   - Every verb may be called again after it ended anywhere. So it asks what is so, or does what can be done twice; it remembers nothing.
 *   - What must be remembered goes to state_put() and secret_put(). Global variables end with the process, which may be at any moment.
 *   - A host function that fails leaves its reason behind; to return its status is enough.
 */
#include <impresario/helpers.h>
#include <impresario/operations.h>
#include <sys/random.h>

#ifndef PLUGIN_VERSION
#define PLUGIN_VERSION "1.0.0"
#endif

enum { PORT = 7000 };

/* Where the daemon and what it reads are in a node. */
#define FOLDER "/var/lib/@NAME@"
#define DAEMON FOLDER "/daemon"
#define GREETING FOLDER "/greeting"
#define TOKENS FOLDER "/tokens"

static const imp_host *host;

/* The daemon. Nodes have what a Debian base system has; what more yours needs, name in the plan's `packages` and in the descriptor's. */
static const char daemon_text[] =
    "#!/usr/bin/perl\n"
    "# Answers a line that is a token with the greeting. Both files are read for each connection, so they can be changed at any time.\n"
    "use strict; use IO::Socket::INET;\n"
    "my ($port, $greeting, $tokens) = @ARGV;\n"
    "sub slurp { open(my $file, '<', $_[0]) or die \"$_[0]: $!\\n\"; local $/; return scalar <$file> }\n"
    "my $server = IO::Socket::INET->new(LocalPort => $port, Listen => 16, ReuseAddr => 1) or die \"port $port: $!\\n\";\n"
    "$SIG{PIPE} = 'IGNORE';\n"
    "while (1) {\n"
    "    my $client = $server->accept or next;\n"
    "    eval {\n"
    "        local $SIG{ALRM} = sub { die \"it says nothing\\n\" };\n"
    "        alarm 2;\n"
    "        my $token = <$client> // '';\n"
    "        chomp $token;\n"
    "        my %known = map { (split ' ')[1] => 1 } split /\\n/, slurp($tokens);\n"
    "        print $client $known{$token} ? slurp($greeting) . \"\\n\" : \"unknown token\\n\";\n"
    "    };\n"
    "    alarm 0;\n"
    "    close $client;\n"
    "}\n";

/* In a node: whether its daemon answers. A node that says so itself is ready, whatever we believe. */
#define CHECK "exec 3<>/dev/tcp/127.0.0.1/$0 && echo check >&3 && read -r -t 3 line <&3 && [ \"$line\" = 'unknown token' ]"

/* MARK: what the cluster remembers */

typedef imp_status (*getter)(imp_call *call, imp_str key, imp_out *value, uint64_t *version);

/* A text that was put under `key`; empty, with version 0, when there is none. */
static imp_status remembered(const imp_task *t, getter get, const char *key, imp_str *text, uint64_t *version) {
    imp_out *sink = host->out_new(t->call, 0);
    if (!sink) return IMP_EXHAUSTED;
    imp_status status = get(t->call, imp_str_of(key), sink, version);
    *text = imp_arena_copy(t->arena, host->out_view(sink));
    return status == IMP_NOT_FOUND ? IMP_OK : status;
}

/* What set-greeting said last, or else what the cluster was made with. */
static imp_status greeting_of(const imp_task *t, imp_str *greeting) {
    imp_status status = remembered(t, host->state_get, "greeting", greeting, NULL);
    if (status == IMP_OK && !greeting->len) *greeting = imp_json_text(imp_json_at(t->params, "/greeting"));
    return status;
}

/* MARK: the nodes */

/* Nodes are chosen by index; NULL means all. Those that do not exist, because they are lost or not made yet, are never talked to. */
static int is_chosen(const imp_task *t, const uint8_t *chosen, size_t i) { return (!chosen || chosen[i]) && imp_node_exists(&t->nodes[i]); }

/* Puts files into the chosen nodes, at most four into each: n of them, whose `node` is filled in here. */
static imp_status put_everywhere(const imp_task *t, const uint8_t *chosen, const imp_file *files, size_t n) {
    imp_file *all = imp_arena_take(t->arena, (t->count * n + 1) * sizeof *all);
    const imp_file **list = imp_arena_take(t->arena, (t->count * n + 1) * sizeof *list);
    size_t count = 0;
    if (!all || !list) return IMP_EXHAUSTED;
    for (size_t i = 0; i < t->count; i++)
        for (size_t k = 0; k < n && is_chosen(t, chosen, i); k++) {
            all[count] = files[k];
            all[count].struct_size = sizeof *all;
            all[count].node = t->nodes[i].id;
            list[count] = &all[count];
            count++;
        }
    return count ? host->node_put(t->call, list, count) : IMP_OK;
}

/* Brings the chosen nodes to where they should be, from wherever they are: files, then the daemon, which is ready when this returns. */
static imp_status set_up(const imp_task *t, const uint8_t *chosen) {
    imp_str greeting, tokens, nodes = imp_str_of("");
    imp_status status = greeting_of(t, &greeting);
    if (status == IMP_OK) status = remembered(t, host->secret_get, "tokens", &tokens, NULL);
    if (status != IMP_OK) return status;
    host->progress(t->call, 1000, imp_str_of("putting files"));
    const imp_file files[] = {
        {.mode = 0755, .path = imp_str_of(DAEMON), .bytes = imp_str_of(daemon_text)},
        {.mode = 0644, .path = imp_str_of(GREETING), .bytes = greeting},
        {.mode = 0600, .path = imp_str_of(TOKENS), .bytes = tokens},
    };
    status = put_everywhere(t, chosen, files, 3);
    if (status != IMP_OK) return status;

    /* One declaration for all nodes at once; the host keeps the daemon alive from then on, also when a node is restarted. */
    for (size_t i = 0; i < t->count; i++)
        if (is_chosen(t, chosen, i)) nodes = imp_textf(t->arena, "%.*s%s%.*s", IMP_F(nodes), nodes.len ? "," : "", IMP_F(t->nodes[i].id));
    if (!nodes.len) return IMP_OK;
    host->progress(t->call, 5000, imp_str_of("starting the daemon"));
    imp_str service = imp_textf(t->arena,
                                "{\"name\":\"@NAME@\",\"state\":\"running\",\"argv\":[\"" DAEMON "\",\"%d\",\"" GREETING "\",\"" TOKENS
                                "\"],\"ready\":{\"tcp\":%d,\"timeout\":30000}}",
                                PORT, PORT);
    return host->node_service(t->call, nodes, service);
}

/* MARK: verbs */

/* [pure] The schema below has checked kinds and bounds and filled in defaults; here is what a schema cannot say. */
static imp_status validate(imp_call *call, imp_str in, imp_out *out) {
    IMP_ARENA(arena);
    imp_task t;
    imp_status status = imp_task_begin(&t, host, call, &arena, in);
    if (status != IMP_OK) return status;
    const imp_json *params = imp_json_at(t.args, "/params");
    if (!params || params->kind != IMP_JSON_OBJECT) return imp_failf(&t, IMP_INVALID, "no-parameters", "", "The parameters are an object.");
    imp_str greeting = imp_json_text(imp_json_at(params, "/greeting"));
    if (greeting.len && memchr(greeting.ptr, '\n', greeting.len))
        return imp_failf(&t, IMP_INVALID, "greeting-lines", "/greeting", "A greeting is one line.");
    imp_writer w = imp_writer_to(host, out);
    imp_put_object(&w, NULL);
    imp_put_value(&w, "params", params);
    imp_put_end(&w);
    return imp_put_finish(&w);
}

/* [pure] How many nodes of what size, and which ports tenants reach. The same parameters always give the same plan. */
static imp_status plan(imp_call *call, imp_str in, imp_out *out) {
    IMP_ARENA(arena);
    imp_task t;
    imp_status status = imp_task_begin(&t, host, call, &arena, in);
    if (status != IMP_OK) return status;
    imp_writer w = imp_writer_to(host, out);
    imp_put_object(&w, NULL);
    imp_put_array(&w, "groups");
    imp_put_object(&w, NULL);
    imp_put_cstr(&w, "name", "nodes");
    imp_put_cstr(&w, "role", "node");
    imp_put_integer(&w, "count", imp_json_integer(imp_json_at(t.params, "/nodes"), 3));
    imp_put_cstr(&w, "flavor", "small");
    imp_put_end(&w);
    imp_put_end(&w);
    imp_put_array(&w, "endpoints");
    imp_put_object(&w, NULL);
    imp_put_cstr(&w, "name", "greeting");
    imp_put_cstr(&w, "group", "nodes");
    imp_put_integer(&w, "port", PORT);
    imp_put_cstr(&w, "expose", "tenant");
    imp_put_end(&w);
    imp_put_end(&w);
    imp_put_end(&w);
    return imp_put_finish(&w);
}

/* [write] Sees all nodes and makes the smallest working cluster. No node here waits for another, so that is all of them. */
static imp_status bootstrap(imp_call *call, imp_str in, imp_out *out) {
    IMP_ARENA(arena);
    imp_task t;
    imp_status status = imp_task_begin(&t, host, call, &arena, in);
    if (status == IMP_OK) status = set_up(&t, NULL);
    return status == IMP_OK ? imp_answer_joined(&t, out, NULL) : status;
}

/* [write] The nodes named in args become members of a cluster that works. */
static imp_status join(imp_call *call, imp_str in, imp_out *out) {
    IMP_ARENA(arena);
    imp_task t;
    imp_status status = imp_task_begin(&t, host, call, &arena, in);
    uint8_t *chosen = status == IMP_OK ? imp_arena_take(&arena, t.count + 1) : NULL;
    if (!chosen) return status == IMP_OK ? IMP_EXHAUSTED : status;
    for (const imp_json *id = imp_json_first(imp_json_at(t.args, "/nodes")); id; id = id->next) {
        const imp_node *node = imp_node_by_id(&t, imp_json_text(id));
        if (node) chosen[node->index] = 1;
    }
    status = set_up(&t, chosen);
    return status == IMP_OK ? imp_answer_joined(&t, out, chosen) : status;
}

/* [write] The core destroys the nodes that leave; here others would be told of it. Nobody needs to know. */
static imp_status leave(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    return IMP_OK;
}

/* [read] Every few seconds: one command in each node, all at once. */
static imp_status health(imp_call *call, imp_str in, imp_out *out) {
    IMP_ARENA(arena);
    imp_task t;
    imp_status status = imp_task_begin(&t, host, call, &arena, in);
    imp_run *runs = status == IMP_OK ? imp_arena_take(&arena, (t.count + 1) * sizeof *runs) : NULL;
    if (!runs) return status == IMP_OK ? IMP_EXHAUSTED : status;
    const char *const argv[] = {"bash", "-c", CHECK, imp_textf(&arena, "%d", PORT).ptr, NULL};
    size_t asked = 0, ready = 0;
    for (size_t i = 0; i < t.count; i++)
        if (imp_node_exists(&t.nodes[i]))
            runs[asked++] = (imp_run){.node = &t.nodes[i], .argv = argv, .timeout_ms = 10000};
    status = imp_run_all(&t, runs, asked);
    if (status != IMP_OK) return status;
    for (size_t i = 0; i < asked; i++) ready += (size_t)imp_run_succeeded(&runs[i]);

    imp_writer w = imp_writer_to(host, out);
    imp_put_object(&w, NULL);
    imp_put_cstr(&w, "health", ready == t.count ? "healthy" : ready ? "degraded" : "unhealthy");
    imp_put_array(&w, "nodes");
    for (size_t i = 0; i < asked; i++) {
        int is_ready = imp_run_succeeded(&runs[i]);
        imp_put_object(&w, NULL);
        imp_put_text(&w, "id", runs[i].node->id);
        imp_put_cstr(&w, "state", is_ready ? "ready" : "down");
        if (!is_ready) imp_put_cstr(&w, "reason", runs[i].status == IMP_OK ? "The daemon does not answer." : "The node does not answer.");
        imp_put_end(&w);
    }
    imp_put_end(&w);
    imp_put_end(&w);
    return imp_put_finish(&w);
}

/* MARK: credentials. Each binding has a token of its own, a line "binding token" of a secret and of a file in each node. */

/* The line of a binding in the secret's text, with its line end; empty when there is none. */
static imp_str line_of(imp_str tokens, imp_str binding) {
    const char *at = tokens.ptr, *end = tokens.ptr + tokens.len;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = newline ? (size_t)(newline - at) + 1 : (size_t)(end - at);
        if (length > binding.len && !memcmp(at, binding.ptr, binding.len) && at[binding.len] == ' ') return (imp_str){at, length};
        at += length;
    }
    return imp_str_of("");
}

static imp_status put_tokens(const imp_task *t, imp_str tokens) {
    const imp_file file = {.mode = 0600, .path = imp_str_of(TOKENS), .bytes = tokens};
    return put_everywhere(t, NULL, &file, 1);
}

/* [write] {binding, role, ttl}: files and environment for the tenant. The same binding gets the same token again. */
static imp_status credentials(imp_call *call, imp_str in, imp_out *out) {
    IMP_ARENA(arena);
    imp_task t;
    imp_status status = imp_task_begin(&t, host, call, &arena, in);
    if (status != IMP_OK) return status;
    imp_str binding = imp_json_text(imp_json_at(t.args, "/binding")), tokens, line;
    for (size_t i = 0; i < binding.len; i++)
        if (binding.ptr[i] <= ' ') return imp_failf(&t, IMP_INVALID, "binding", "/binding", "The id of a binding is one word.");
    for (;;) {
        uint64_t version = 0;
        status = remembered(&t, host->secret_get, "tokens", &tokens, &version);
        if (status != IMP_OK) return status;
        line = line_of(tokens, binding);
        if (line.len) break;
        unsigned char random[16];
        if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) return IMP_UNAVAILABLE;
        line = imp_textf(&arena, "%.*s ", IMP_F(binding));
        for (size_t i = 0; i < sizeof random; i++) line = imp_textf(&arena, "%.*s%02x", IMP_F(line), random[i]);
        tokens = imp_textf(&arena, "%.*s%.*s\n", IMP_F(tokens), IMP_F(line));
        status = host->secret_put(call, imp_str_of("tokens"), tokens, version, NULL);
        if (status == IMP_OK) continue; /* and read it back: what is kept is what counts */
        if (status != IMP_CONFLICT) return status;
    }
    status = put_tokens(&t, tokens);
    if (status != IMP_OK) return status;
    imp_str token = {line.ptr + binding.len + 1, line.len - binding.len - 1}; /* with its line end */
    imp_writer w = imp_writer_to(host, out);
    imp_put_object(&w, NULL);
    imp_put_object(&w, "files");
    imp_put_text(&w, "token", token);
    imp_put_end(&w);
    imp_put_object(&w, "env");
    imp_put_text(&w, "@ENV@_ADDRESS", imp_json_text(imp_json_at(t.document, "/endpoints/0/addresses/0")));
    imp_put_cstr(&w, "@ENV@_TOKEN_FILE", "${dir}/token");
    imp_put_end(&w);
    imp_put_end(&w);
    return imp_put_finish(&w);
}

/* [write] {binding}: its token ends. A second time there is nothing to do. */
static imp_status revoke(imp_call *call, imp_str in, imp_out *out) {
    (void)out;
    IMP_ARENA(arena);
    imp_task t;
    imp_status status = imp_task_begin(&t, host, call, &arena, in);
    if (status != IMP_OK) return status;
    imp_str tokens;
    do {
        uint64_t version = 0;
        status = remembered(&t, host->secret_get, "tokens", &tokens, &version);
        imp_str line = status == IMP_OK ? line_of(tokens, imp_json_text(imp_json_at(t.args, "/binding"))) : imp_str_of("");
        if (!line.len) break;
        size_t before = (size_t)(line.ptr - tokens.ptr), after = tokens.len - before - line.len;
        tokens = imp_textf(&arena, "%.*s%.*s", (int)before, tokens.ptr, (int)after, line.ptr + line.len);
        status = host->secret_put(call, imp_str_of("tokens"), tokens, version, NULL);
    } while (status == IMP_CONFLICT);
    return status == IMP_OK ? put_tokens(&t, tokens) : status;
}

/* [write] After parameters changed, and after another version of this plugin took over: the files of this version, and the daemon with them. */
static imp_status configure(imp_call *call, imp_str in, imp_out *out) {
    (void)out;
    IMP_ARENA(arena);
    imp_task t;
    imp_status status = imp_task_begin(&t, host, call, &arena, in);
    return status == IMP_OK ? set_up(&t, NULL) : status;
}

/* [write] Nothing of the cluster lives outside its nodes, which the core destroys. */
static imp_status destroy(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    return IMP_OK;
}

/* MARK: an operation of this type's own: imp cluster do NAME set-greeting --text "Good morning" */

#define SET_GREETING(P)                                                                                      \
    P(IN, STR, text, "text", "What the nodes answer from now on.", NULL,                                     \
      "{\"type\":\"string\",\"minLength\":1,\"maxLength\":200,\"pattern\":\"^[^\\n]*$\"}")                   \
    P(OUT, U32, nodes, "nodes", "How many nodes answer it.")
IMP_OPERATION(set_greeting, SET_GREETING, IMP_O_IDEMPOTENT, "set-greeting", "Changes what the nodes answer.");

static imp_status set_greeting(imp_call *call, const char *text, uint32_t *nodes) {
    IMP_ARENA(arena);
    imp_task t;
    imp_status status = imp_task_begin_operation(&t, host, call, &arena);
    if (status != IMP_OK) return status;
    do { /* Compare and swap: whoever came between is not overwritten unseen. */
        imp_str before;
        uint64_t version = 0;
        status = remembered(&t, host->state_get, "greeting", &before, &version);
        if (status == IMP_OK) status = host->state_put(call, imp_str_of("greeting"), imp_str_of(text), version, NULL);
    } while (status == IMP_CONFLICT);
    const imp_file file = {.mode = 0644, .path = imp_str_of(GREETING), .bytes = imp_str_of(text)};
    if (status == IMP_OK) status = put_everywhere(&t, NULL, &file, 1);
    for (size_t i = 0; i < t.count; i++) *nodes += (uint32_t)imp_node_exists(&t.nodes[i]);
    return status;
}

static const imp_op *const operations[] = {&set_greeting_operation};

/* MARK: what the host reads once */

static const char create_schema[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
    "\"nodes\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":9,\"default\":3,\"description\":\"How many nodes.\"},"
    "\"greeting\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":200,\"default\":\"hello\",\"description\":\"What they answer.\"}}}";

static const char *const capabilities[] = {"credentials", NULL};

static const imp_type type = {
    .struct_size = sizeof(imp_type),
    .id = "@NAME@",
    .name = "@TYPE@",
    .summary = "Nodes that greet whoever knows a token.",
    .description_md = "Connect to an endpoint, send a line with the token of your binding, and read the greeting.",
    .capabilities = capabilities,
    .create_schema = create_schema,
    .validate = validate,
    .plan = plan,
    .bootstrap = bootstrap,
    .join = join,
    .leave = leave,
    .health = health,
    .credentials = credentials,
    .revoke = revoke,
    .configure = configure,
    .destroy = destroy,
    .ops = operations,
    .nops = sizeof operations / sizeof *operations,
};

static const imp_type *const types[] = {&type};

/* [pure] */
static imp_status init(const imp_host *the_host, imp_call *call) {
    (void)call;
    host = the_host;
    return IMP_OK;
}

static const imp_plugin plugin = {
    .struct_size = sizeof(imp_plugin),
    .abi_minor = IMP_ABI_MINOR,
    .state_format = 1,
    .id = "@NAME@",
    .version = PLUGIN_VERSION,
    .vendor = "Example",
    .license = "Apache-2.0",
    .types = types,
    .ntypes = sizeof types / sizeof *types,
    .init = init,
};

const imp_plugin *imp_plugin_v0(uint32_t host_minor) {
    (void)host_minor;
    return &plugin;
}
