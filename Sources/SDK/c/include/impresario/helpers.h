/* SPDX-License-Identifier: Apache-2.0
 *
 * What most plugins in C would write for themselves: the document of a call with its nodes, failures in one line, commands whose outputs are texts,
 * waiting that can be cancelled. Optional; all of it stands on impresario/plugin.h and impresario/json.h.
 *
 *     static imp_status health(imp_call *call, imp_str in, imp_out *out) {
 *         IMP_ARENA(arena);
 *         imp_task t;
 *         imp_status status = imp_task_begin(&t, host, call, &arena, in);
 *         if (status != IMP_OK) return status;
 *         …
 *     }
 *
 * All texts that these functions answer live in the task's arena.
 */
#ifndef IMPRESARIO_HELPERS_H
#define IMPRESARIO_HELPERS_H

#include <errno.h>
#include <impresario/json.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The words of a command, for `argv`. It lives as long as the block that it stands in: before a loop, not inside, when it is used behind it. */
#define IMP_ARGV(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A node of the document. Its texts have a NUL behind them. */
typedef struct imp_node {
    imp_str id, name, group, role, address, state;
    int64_t ordinal;
    size_t index; /* in the task's nodes */
} imp_node;

/* One call, and what it is about. */
typedef struct imp_task {
    const imp_host *host;
    imp_call *call;
    imp_arena *arena;
    const imp_json *document, *params, *args;
    imp_node *nodes;
    size_t count;
    int64_t attempt; /* 1, then more: an earlier one ended somewhere */
} imp_task;

/* Records why the call fails, for the tenant, and answers `status`. `code` has dotted DNS labels; `field` is a JSON pointer or "". */
__attribute__((format(printf, 5, 6))) static inline imp_status imp_failf(const imp_task *t, imp_status status, const char *code, const char *field,
                                                                        const char *format, ...) {
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    imp_problem problem;
    memset(&problem, 0, sizeof problem);
    problem.struct_size = sizeof problem;
    problem.flags = status == IMP_UNAVAILABLE || status == IMP_BUSY ? IMP_E_RETRY : 0;
    problem.owner = status == IMP_INVALID || status == IMP_PRECONDITION ? IMP_OWNER_TENANT : 0;
    problem.code = imp_str_of(code);
    problem.field = imp_str_of(field);
    problem.message = imp_str_of(message);
    return t->host->fail(t->call, status, &problem);
}

__attribute__((format(printf, 3, 4))) static inline void imp_logf(const imp_task *t, int32_t severity, const char *format, ...) {
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    imp_str none = {NULL, 0};
    t->host->log(t->call, severity, imp_str_of(message), none);
}

/* Begins a verb: reads its document into `t`. */
static inline imp_status imp_task_begin(imp_task *t, const imp_host *host, imp_call *call, imp_arena *arena, imp_str in) {
    memset(t, 0, sizeof *t);
    t->host = host;
    t->call = call;
    t->arena = arena;
    imp_json_error error = {0, ""};
    t->document = imp_json_parse(arena, in, &error);
    if (!t->document) return imp_failf(t, IMP_INTERNAL, "document", "", "The call's document cannot be read at byte %zu: %s.", error.offset, error.what);
    t->params = imp_json_at(t->document, "/cluster/params");
    t->args = imp_json_at(t->document, "/args");
    t->attempt = imp_json_integer(imp_json_at(t->document, "/operation/attempt"), 1);
    const imp_json *nodes = imp_json_at(t->document, "/nodes");
    size_t count = nodes && nodes->kind == IMP_JSON_ARRAY ? nodes->count : 0;
    t->nodes = (imp_node *)imp_arena_take(arena, (count ? count : 1) * sizeof *t->nodes);
    if (!t->nodes) return imp_failf(t, IMP_EXHAUSTED, "memory", "", "There is no memory for %zu nodes.", count);
    for (const imp_json *item = count ? imp_json_first(nodes) : NULL; item; item = item->next) {
        imp_node *node = &t->nodes[t->count];
        node->id = imp_json_text(imp_json_at(item, "/id"));
        node->name = imp_json_text(imp_json_at(item, "/name"));
        node->group = imp_json_text(imp_json_at(item, "/group"));
        node->role = imp_json_text(imp_json_at(item, "/role"));
        node->address = imp_json_text(imp_json_at(item, "/address"));
        node->state = imp_json_text(imp_json_at(item, "/state"));
        node->ordinal = imp_json_integer(imp_json_at(item, "/ordinal"), 0);
        node->index = t->count++;
    }
    return IMP_OK;
}

/* Begins a typed operation, which gets its document by asking for it. */
static inline imp_status imp_task_begin_operation(imp_task *t, const imp_host *host, imp_call *call, imp_arena *arena) {
    imp_out *document = host->out_new(call, 0);
    imp_status status = document ? host->context(call, document) : IMP_EXHAUSTED;
    return status == IMP_OK ? imp_task_begin(t, host, call, arena, host->out_view(document)) : status;
}

/* The node with this id; NULL when there is none. */
static inline imp_node *imp_node_by_id(const imp_task *t, imp_str id) {
    for (size_t i = 0; i < t->count; i++)
        if (imp_str_same(t->nodes[i].id, id)) return &t->nodes[i];
    return NULL;
}

/* Whether the broker has made the node and not lost it: others cannot be talked to. */
static inline int imp_node_exists(const imp_node *node) { return !imp_str_is(node->state, "planned") && !imp_str_is(node->state, "lost"); }

/* A sink, as a writer. */
static inline imp_writer imp_task_writer(const imp_task *t) { return imp_writer_to(t->host, t->host->out_new(t->call, 0)); }

/* What was written into imp_task_writer(); empty, which no host function takes for JSON, when it went wrong. Valid until the call returns. */
static inline imp_str imp_put_view(imp_writer *w) {
    imp_str none = {NULL, 0};
    return imp_put_finish(w) == IMP_OK ? w->host->out_view(w->out) : none;
}

/* {"joined": [ids]}, the answer of bootstrap and join. `chosen` says by index which nodes; NULL: all. */
static inline imp_status imp_answer_joined(const imp_task *t, imp_out *out, const uint8_t *chosen) {
    imp_writer w = imp_writer_to(t->host, out);
    imp_put_object(&w, NULL);
    imp_put_array(&w, "joined");
    for (size_t i = 0; i < t->count; i++)
        if (!chosen || chosen[i]) imp_put_text(&w, NULL, t->nodes[i].id);
    imp_put_end(&w);
    imp_put_end(&w);
    return imp_put_finish(&w);
}

/* Waits. IMP_CANCELLED or IMP_DEADLINE when that comes first: answer it. */
static inline imp_status imp_pause(const imp_task *t, uint32_t milliseconds) {
    for (;;) {
        struct timespec now, nap = {0, 20000000};
        if (t->host->cancelled(t->call)) return IMP_CANCELLED;
        clock_gettime(CLOCK_MONOTONIC, &now);
        if ((int64_t)now.tv_sec * 1000000000 + now.tv_nsec > t->host->deadline_ns(t->call)) return IMP_DEADLINE;
        if (!milliseconds) return IMP_OK;
        if (milliseconds < 20) nap.tv_nsec = (long)milliseconds * 1000000;
        while (nanosleep(&nap, &nap) && errno == EINTR) {}
        milliseconds -= milliseconds < 20 ? milliseconds : 20;
    }
}

/* One command in one node, and how it went. */
typedef struct imp_run {
    const imp_node *node;
    const char *const *argv; /* NULL-terminated; see IMP_ARGV */
    imp_str in;              /* stdin */
    uint32_t timeout_ms;     /* 0: a minute */
    imp_status status;       /* out: IMP_OK when it ran, whatever its exit code */
    int32_t exit_code;       /* out; -1 when it did not run */
    imp_str out, err;        /* out: what it said, a NUL behind it; stderr's first 4 KiB */
} imp_run;

static inline int imp_run_succeeded(const imp_run *run) { return run->status == IMP_OK && run->exit_code == 0; }

static inline imp_status imp_run_batch_(const imp_task *t, imp_run *runs, size_t n) {
    imp_exec *commands = (imp_exec *)imp_arena_take(t->arena, n * sizeof *commands);
    imp_exec **list = (imp_exec **)imp_arena_take(t->arena, n * sizeof *list);
    if (!commands || !list) return IMP_EXHAUSTED;
    for (size_t i = 0; i < n; i++) {
        size_t argc = 0;
        while (runs[i].argv[argc]) argc++;
        imp_str *argv = (imp_str *)imp_arena_take(t->arena, (argc ? argc : 1) * sizeof *argv);
        if (!argv) return IMP_EXHAUSTED;
        for (size_t k = 0; k < argc; k++) argv[k] = imp_str_of(runs[i].argv[k]);
        commands[i].struct_size = sizeof *commands;
        commands[i].node = runs[i].node->id;
        commands[i].argv = argv;
        commands[i].argc = argc;
        commands[i].in = runs[i].in;
        commands[i].timeout_ms = runs[i].timeout_ms;
        commands[i].out = t->host->out_new(t->call, 0);
        commands[i].err = t->host->out_new(t->call, 0);
        if (!commands[i].out || !commands[i].err) return IMP_EXHAUSTED;
        list[i] = &commands[i];
    }
    imp_status status = t->host->node_exec(t->call, list, n);
    for (size_t i = 0; i < n; i++) {
        imp_str none = {"", 0}, err = t->host->out_view(commands[i].err);
        runs[i].status = status;
        runs[i].exit_code = status == IMP_OK ? commands[i].exit_code : -1;
        if (err.len > 4096) err.len = 4096;
        runs[i].out = status == IMP_OK ? imp_arena_copy(t->arena, t->host->out_view(commands[i].out)) : none;
        runs[i].err = status == IMP_OK ? imp_arena_copy(t->arena, err) : none;
        t->host->out_clear(commands[i].out);
        t->host->out_clear(commands[i].err);
    }
    return status;
}

/* Runs n (1 ... IMP_MAX_BATCH) commands at once. When a node cannot be reached they are run once more one by one, so that each tells how it went by
 * itself; so only commands that may be repeated. Not IMP_OK only when the call as a whole has to end, as by a cancellation. */
static inline imp_status imp_run_all(const imp_task *t, imp_run *runs, size_t n) {
    if (!n) return IMP_OK;
    imp_status status = imp_run_batch_(t, runs, n);
    if (n > 1 && (status == IMP_UNAVAILABLE || status == IMP_NOT_FOUND))
        for (size_t i = 0; i < n; i++) {
            status = imp_run_batch_(t, &runs[i], 1);
            if (status != IMP_OK && status != IMP_UNAVAILABLE && status != IMP_NOT_FOUND) return status;
        }
    return status == IMP_UNAVAILABLE || status == IMP_NOT_FOUND ? IMP_OK : status;
}

/* Why a run did not do what it was for, as a failure that is tried again; IMP_OK when it did. `purpose` ends the sentence "Node … could not …". */
static inline imp_status imp_run_expect(const imp_task *t, const imp_run *run, const char *purpose) {
    if (imp_run_succeeded(run)) return IMP_OK;
    if (run->status != IMP_OK && run->status != IMP_UNAVAILABLE && run->status != IMP_NOT_FOUND) return run->status;
    imp_str message = run->status == IMP_OK ? imp_textf(t->arena, "Node '%.*s' could not %s.", IMP_F(run->node->name), purpose)
                                            : imp_textf(t->arena, "Node '%.*s' cannot be reached to %s.", IMP_F(run->node->name), purpose);
    imp_problem problem;
    memset(&problem, 0, sizeof problem);
    problem.struct_size = sizeof problem;
    problem.flags = IMP_E_RETRY;
    problem.owner = IMP_OWNER_INFRASTRUCTURE;
    problem.code = imp_str_of("node-command");
    problem.message = message;
    problem.detail = run->status == IMP_OK ? imp_textf(t->arena, "exit code %d: %.*s", run->exit_code, IMP_F(run->err)) : run->err;
    return t->host->fail(t->call, IMP_UNAVAILABLE, &problem);
}

/* Runs one command and wants it to succeed; `out` (may be NULL) is what it said. */
static inline imp_status imp_run_one(const imp_task *t, const imp_node *node, const char *const *argv, const char *purpose, imp_str *out) {
    imp_run run;
    memset(&run, 0, sizeof run);
    run.node = node;
    run.argv = argv;
    imp_status status = imp_run_all(t, &run, 1);
    if (out) *out = run.out;
    return status == IMP_OK ? imp_run_expect(t, &run, purpose) : status;
}

/* What key_pair() answers. */
typedef struct imp_pair {
    imp_str cert, key, ca, serial;
} imp_pair;

/* Asks for a key pair. `profile` was written by imp_task_writer(). */
static inline imp_status imp_pair_get(const imp_task *t, const char *name, imp_str profile, imp_pair *pair) {
    imp_out *sink = t->host->out_new(t->call, 0);
    imp_status status = sink ? t->host->key_pair(t->call, imp_str_of(name), profile, sink) : IMP_EXHAUSTED;
    if (status != IMP_OK) return status;
    const imp_json *json = imp_json_parse(t->arena, t->host->out_view(sink), NULL);
    pair->cert = imp_json_text(imp_json_at(json, "/cert"));
    pair->key = imp_json_text(imp_json_at(json, "/key"));
    pair->ca = imp_json_text(imp_json_at(json, "/ca"));
    pair->serial = imp_json_text(imp_json_at(json, "/serial"));
    t->host->out_clear(sink);
    return json ? IMP_OK : imp_failf(t, IMP_INTERNAL, "key-pair", "", "The host's answer to key_pair is no JSON.");
}

#ifdef __cplusplus
}
#endif
#endif
