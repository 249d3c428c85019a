/* SPDX-License-Identifier: Apache-2.0
 *
 * The Impresario plugin ABI, draft 0. A plugin is one shared library that exports one C function, imp_plugin_v0().
 *
 * How to read this: a plugin is loaded, asked for its descriptor (imp_plugin_v0), started once (imp_plugin.init) and then called: verbs of a type
 * (imp_type) with a JSON document in and out, and typed operations (imp_op) with C arguments. Meanwhile it calls the host's functions (imp_host).
 * What the documents hold is in docs/abi/documents.md and, for programs, docs/abi/schemas.
 *
 * Policy
 *   - Draft: until the entry is called imp_plugin_v1 this header may change. From v1 on a released member is never changed in place, its
 *     documented meaning included. Members are appended, never inserted, moved, retyped or removed.
 *   - Every struct that can grow begins with `struct_size`: its writer stores sizeof, its reader uses a member only when IMP_HAS() says so.
 *   - Members stand since minor 0 unless "since minor N" is said. `abi_minor` grows with every appended member.
 *   - LP64 (64-bit pointers and size_t, 8-byte alignment), the platform's C calling convention; asserted at the end of this file.
 *   - No bit-fields, no C enums in structs, no callbacks from host to plugin except the verbs and typed operations named here.
 *   - A minor may append: members at the end of a struct that begins with struct_size, host functions and verbs that may be NULL among them; flags,
 *     statuses, problem codes, parameter types; members of documents, never required ones; extension ids. A plugin that does not know them
 *     works on unchanged.
 *   - A major is everything else: another meaning or class, a smaller bound, a member that becomes required, a changed argument. It gets another entry
 *     symbol (imp_plugin_v2), and hosts load the major before it too. The draft is no major: a host loads its own draft only.
 *
 * Older hosts
 *   A host refuses a plugin whose min_host_minor is above its own minor: set it to the oldest minor that has all that you cannot do without, 0 if
 *   you can. Before use of anything newer ask: IMP_HAS(host, member) for a host function, get_extension() for an extension. The reverse holds for
 *   hosts: a descriptor of an older header is shorter, and what it lacks is taken for 0 or NULL. Set abi_minor to IMP_ABI_MINOR, always.
 *   Flags that a host does not know are refused, so set a newer flag only when imp_plugin_v0() was given a host_minor that has it.
 *
 * Extensions
 *   Sets of functions that not every host or plugin has, under ids "imp.name/1" (others: a domain of their own, "example.org.name/1"). Id and table
 *   are stable from the first draft on: what changes becomes "imp.name/2" beside it. The plugin asks imp_host.get_extension, in init or later; the
 *   host asks imp_type.get_extension for each id that it knows, once, after init. NULL means "not here", is no error, and stays so as long as
 *   the process. The answer is a pointer to a struct that begins with struct_size and lives as long as the process. No id is defined yet.
 *
 * Process and threads
 *   A plugin runs in a process of its own, in a sandbox without network, without writable files and without other processes. The process serves
 *   one tenant and one version of the plugin and runs one call at a time on one thread; nothing here need be thread-safe, and host functions
 *   may be called only from the thread that runs the verb or typed operation, between its begin and its return. The process may be killed at
 *   any moment. Global variables do not outlive it: what must be remembered goes to state_put() or secret_put().
 *   No exception, panic, longjmp or thread exit may leave a function of the plugin.
 *   A plugin may start threads of its own, within a bound; they may not call the host, and should have ended when the call returns.
 *   A host function that is called from another thread, or for a call that does not run, answers IMP_PRECONDITION (or 0, NULL, nothing) and does nothing.
 *
 * Repetition
 *   Each verb may be called again with the same operation id and a higher attempt, after an attempt that ended anywhere. It must find what is done
 *   already and go on. Commands of the earlier attempt no longer run in the nodes.
 *
 * Memory
 *   Nothing is freed across the boundary. What the host passes in lives until the function returns. Descriptors (imp_plugin and all that it
 *   points to) live and stay unchanged as long as the process. What the plugin passes to a host function is copied before that returns.
 *   Of struct arguments the host reads the members that struct_size covers, and writes only those marked out.
 *
 * Marks: what a function may be called in, or which class a verb has
 *   [pure]  validate, plan, init. No effects. Only the host functions marked [pure] or [any].
 *   [read]  health, and typed operations with IMP_O_READONLY. Also the host functions marked [read].
 *   [write] all other verbs and typed operations. All host functions.
 *   [any]   in every class.
 *   A host function of a higher class answers IMP_PRECONDITION and does nothing; the void ones are dropped.
 *
 * Errors
 *   A function that answers imp_status answers IMP_OK or why not, and then last_problem() tells more. Each can answer: IMP_INVALID (an argument is NULL,
 *   malformed or above its bound), IMP_PRECONDITION (not in this class of verb), IMP_EXHAUSTED (a sink or the call's scratch is full), IMP_CANCELLED,
 *   IMP_DEADLINE, IMP_UNAVAILABLE (the store or a node does not answer now), IMP_INTERNAL. What is said at a function comes in addition.
 *   After a failure nothing is appended to the function's sink and no out member may be relied upon; whether a write was done may be unknown
 *   (IMP_UNAVAILABLE): read before you repeat what must not be done twice.
 *
 * Text is UTF-8. A text with a NUL where C text is wanted, or with bytes that are not UTF-8, is refused with IMP_INVALID.
 */
#ifndef IMPRESARIO_PLUGIN_H
#define IMPRESARIO_PLUGIN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The minor version of this header. */
#define IMP_ABI_MINOR 0

/* The name of the one exported function. */
#define IMP_ENTRY "imp_plugin_v0"

/* Marks the entry point; all else should be compiled with -fvisibility=hidden. */
#define IMP_EXPORT __attribute__((visibility("default")))

/* Not 0 when the writer of *p knew `member`. eg: if (IMP_HAS(host, revocation_list)) … */
#define IMP_HAS(p, member) ((p)->struct_size >= offsetof(__typeof__(*(p)), member) + sizeof((p)->member))

/* Bounds, in bytes where nothing else is said. Beyond them a host function answers IMP_EXHAUSTED or IMP_INVALID and does nothing. */
enum {
    IMP_MAX_ARGUMENT = 1 << 20,     /* one text or byte argument; argv and env of one command together; stdin of a command */
    IMP_MAX_RESULT = 4 << 20,       /* a verb's result; stdout and stderr of a command, each; a file that is read */
    IMP_MAX_FILE = 4 << 20,         /* one file that is put */
    IMP_MAX_REQUEST = 16 << 20,     /* all that one host call carries, and all that it brings back */
    IMP_MAX_STATE_VALUE = 256 << 10, /* and 4 MiB of state for a cluster */
    IMP_MAX_SECRET = 64 << 10,
    IMP_MAX_SCHEMA = 64 << 10,
    IMP_MAX_SCRATCH = 64 << 20,     /* all sinks of one call together */
    IMP_MAX_BATCH = 256,            /* commands or files of one host call */
    IMP_MAX_ARGV = 1024,            /* arguments, or environment entries, of one command */
    IMP_MAX_TYPES = 16,             /* types of a plugin */
    IMP_MAX_OPS = 64,               /* typed operations of a type */
    IMP_MAX_PARAMS = 32             /* parameters of a typed operation */
};

/* A text or bytes with a length; not NUL-terminated. ptr may be NULL when len is 0. */
typedef struct imp_str {
    const char *ptr;
    size_t len;
} imp_str;

/* The host's: one invocation. Stands for tenant, cluster, operation and attempt; a plugin cannot name another tenant's node through it.
 * Valid until the verb or typed operation returns. */
typedef struct imp_call imp_call;

/* The host's: an append-only, bounded sink for a result. Those that the host passes in and those of out_new() are the same kind of thing.
 * Valid until the verb or typed operation returns. */
typedef struct imp_out imp_out;

/* IMP_OK, one of the codes below, or 1000 and above: the plugin's own, told apart by imp_problem.code. */
typedef int32_t imp_status;

/* On the plugin's side a status says what becomes of the call. IMP_INVALID: the tenant is told, with the field. IMP_CANCELLED: as cancelled.
 * IMP_UNAVAILABLE and IMP_BUSY, or a problem with IMP_E_RETRY: the step is tried again, with a pause that grows, until its deadline. All others, and
 * 1000 and above: the call failed for good. */
enum {
    IMP_OK = 0,
    IMP_INVALID = 1,        /* an argument or parameter is wrong; say which in imp_problem.field */
    IMP_NOT_FOUND = 2,
    IMP_EXISTS = 3,
    IMP_DENIED = 4,
    IMP_CONFLICT = 5,       /* a compare-and-swap lost: read again and decide again */
    IMP_PRECONDITION = 6,   /* not in this state, or not in this class of verb */
    IMP_EXHAUSTED = 7,      /* a bound or quota is reached */
    IMP_BUSY = 8,
    IMP_CANCELLED = 9,      /* answer this after cancelled() told to stop */
    IMP_DEADLINE = 10,      /* time is over */
    IMP_UNAVAILABLE = 11,   /* may work later without a change; retried */
    IMP_UNIMPLEMENTED = 12, /* this host or plugin does not have it */
    IMP_INTERNAL = 13
};

/* imp_problem.flags */
enum {
    IMP_E_RETRY = 1,            /* the same call can succeed later */
    IMP_E_CLUSTER_UNUSABLE = 2, /* the cluster cannot be brought to work any more */
    IMP_E_NOT_REPEATABLE = 4    /* do not call again by yourself: a person must look */
};

/* imp_problem.owner: who can mend it. 0: derived from the status. */
enum { IMP_OWNER_TENANT = 1, IMP_OWNER_ADMIN = 2, IMP_OWNER_PLUGIN = 3, IMP_OWNER_INFRASTRUCTURE = 4 };

/* Why a call failed. Texts may be empty; longer ones than said are cut, those that are not UTF-8 dropped. `code` is told to others with the plugin's id
 * before it. One whose struct_size is smaller than that of minor 0 is ignored. */
typedef struct imp_problem {
    uint32_t struct_size;
    uint32_t flags;          /* IMP_E_* */
    uint32_t retry_after_ms; /* with IMP_E_RETRY; 0: the host decides */
    uint32_t owner;          /* IMP_OWNER_* or 0 */
    imp_str code;            /* stable, for programs. eg: "plan.too-few-managers". Dotted DNS labels, at most 128 bytes */
    imp_str field;           /* JSON pointer into the parameters or arguments. eg: "/managers" */
    imp_str message;         /* for the tenant, a sentence or two; no secrets, no host names; at most 4 KiB */
    imp_str detail;          /* for the log and the admin; no secrets; at most 16 KiB */
} imp_problem;

/* imp_exec.result */
enum { IMP_X_TRUNCATED = 1 /* output was longer than kept */, IMP_X_TIMED_OUT = 2 /* killed when timeout_ms was over */ };

/* One command in one node. The plugin owns it; the host writes the members marked out before node_exec() returns IMP_OK. */
typedef struct imp_exec {
    uint32_t struct_size;
    uint32_t flags;        /* 0 */
    imp_str node;          /* id of a node from the call's document */
    const imp_str *argv;   /* argv[0] is looked up in the node's PATH; no shell */
    size_t argc;           /* 1 ... IMP_MAX_ARGV */
    const imp_str *env;    /* "NAME=value", added to the node's default environment */
    size_t envc;           /* 0 ... IMP_MAX_ARGV */
    imp_str user;          /* a user name of the node; empty: root */
    imp_str cwd;           /* absolute; empty: "/" */
    imp_str in;            /* stdin, any bytes */
    uint32_t timeout_ms;   /* the command is killed then; 0: 60,000 */
    uint32_t output_limit; /* bytes kept of stdout and of stderr; 0: IMP_MAX_ARGUMENT; at most IMP_MAX_RESULT */
    imp_out *out;          /* stdout is appended here; NULL: dropped */
    imp_out *err;          /* stderr is appended here; NULL: dropped */
    int32_t exit_code;     /* out: 0 ... 255; 128 + signal when a signal ended it */
    uint32_t result;       /* out: IMP_X_* */
} imp_exec;

/* One file to be put into a node: written aside, then renamed into place, so that a reader sees the old or the new one. */
typedef struct imp_file {
    uint32_t struct_size;
    uint32_t mode; /* permission bits, at most 07777. eg: 0600 */
    imp_str node;  /* id of a node from the call's document */
    imp_str path;  /* absolute, without ".."; missing folders are made (0755, root) */
    imp_str owner; /* "user" or "user:group" of the node; empty: root */
    imp_str bytes; /* at most IMP_MAX_FILE */
} imp_file;

/* log(): severity */
enum { IMP_LOG_TRACE = 0, IMP_LOG_DEBUG = 1, IMP_LOG_INFO = 2, IMP_LOG_NOTICE = 3, IMP_LOG_WARNING = 4, IMP_LOG_ERROR = 5 };

/* What the host offers. Passed to imp_plugin.init; valid and unchanged as long as the process. Every function pointer that struct_size covers is
 * set. Functions that answer imp_status leave the reason of a failure in last_problem(). */
typedef struct imp_host {
    uint32_t struct_size;
    uint32_t abi_minor; /* of the host */
    imp_str name;       /* eg: "impresario" */
    imp_str version;    /* eg: "0.1.0" */

    /* [any] A table of further host functions by an id such as "imp.name/1", or NULL when this host does not have it: see Extensions above. `id` is
     * NUL-terminated. None exist in this minor. */
    const void *(*get_extension)(const struct imp_host *host, const char *id);

    /* [any] Appends `len` bytes, copied, to a sink of the call that runs. IMP_EXHAUSTED when the sink's bound would be passed; nothing is appended
     * then. */
    imp_status (*out_write)(imp_out *out, const void *bytes, size_t len);

    /* [any] An empty sink that holds at most `max` bytes (0: IMP_MAX_RESULT), for host functions that answer into one. It need not be given
     * back: the host frees it when the call returns. NULL when there is no memory, or all sinks of the call would pass IMP_MAX_SCRATCH. */
    imp_out *(*out_new)(imp_call *call, size_t max);

    /* [any] What is in the sink: valid until it is written, cleared or the call returns. A NUL that is not counted stands behind it. */
    imp_str (*out_view)(const imp_out *out);

    /* [any] Empties the sink, so that it can be used again. */
    void (*out_clear)(imp_out *out);

    /* [any] Records why the call fails and returns `status`, so that a verb can end with `return host->fail(call, IMP_INVALID, &problem);`.
     * The last one counts, and only when the verb then answers a status other than IMP_OK. `problem` is copied; NULL forgets an earlier one. */
    imp_status (*fail)(imp_call *call, imp_status status, const imp_problem *problem);

    /* [any] Why the last host function of this call failed; NULL when it did not. Valid until the next host function that answers a status.
     * A verb that returns the status of a failed host function as it is, without fail(), is taken to fail for this reason. */
    const imp_problem *(*last_problem)(imp_call *call);

    /* [any] Appends the document that verbs get as in_json; typed operations have no other way to it, and find `args` empty there. In init there is
     * none: nothing is appended. */
    imp_status (*context)(imp_call *call, imp_out *json);

    /* [any] A line for the broker's log. `message` at most 4 KiB, longer ones are cut; `fields_json` a JSON object or empty, at most 4 KiB. No
     * secrets. Lines beyond a rate (100 at once, then 50 a second) are dropped and counted. */
    void (*log)(imp_call *call, int32_t severity, imp_str message, imp_str fields_json);

    /* [read] How far the call is: 0 ... 10,000 and what is done now, shown to the tenant, at most 200 bytes. Rate-limited: the last one wins. */
    void (*progress)(imp_call *call, uint32_t per10000, imp_str phase);

    /* [any] Not 0: somebody cancelled; stop soon and answer IMP_CANCELLED. The core undoes. After 5 s the process is killed. Cheap: poll it in
     * loops. A host function that is running when the cancellation comes answers IMP_CANCELLED. */
    int32_t (*cancelled)(imp_call *call);

    /* [any] When the process is killed, in nanoseconds of CLOCK_MONOTONIC; 0 in init. */
    int64_t (*deadline_ns)(imp_call *call);

    /* [read] Runs n commands at once, on one node or many, and waits for all. IMP_OK when all were run, whatever their exit codes. IMP_NOT_FOUND
     * for a node that is not in the document; IMP_UNAVAILABLE when a node cannot be reached; members marked out are then undefined.
     * `commands` is an array of n (1 ... IMP_MAX_BATCH) pointers. [read] verbs must only run commands that change nothing. */
    imp_status (*node_exec)(imp_call *call, imp_exec *const *commands, size_t n);

    /* [write] Puts n (1 ... IMP_MAX_BATCH) files. Not atomic over several. */
    imp_status (*node_put)(imp_call *call, const imp_file *const *files, size_t n);

    /* [read] Appends the content of a regular file of at most `max` bytes (0: IMP_MAX_RESULT). IMP_NOT_FOUND when it is absent; IMP_INVALID for
     * links, folders and special files; IMP_EXHAUSTED when it is longer. */
    imp_status (*node_get)(imp_call *call, imp_str node, imp_str path, uint64_t max, imp_out *bytes);

    /* [write] Puts an artifact of the call's document under `path`. IMP_UNIMPLEMENTED where the host has no artifact store. */
    imp_status (*node_put_artifact)(imp_call *call, imp_str node, imp_str name, imp_str path, uint32_t mode);

    /* [write] Declares a supervised daemon; never write init scripts. JSON: {name: DNS label, state: "running" | "stopped" | "absent",
     * argv: [text], env?: {NAME: text}, user?: text, ready?: {exec: [text] | tcp: port | file: path, timeout?: ms}}. Idempotent; a changed
     * declaration restarts it; it survives a restart of the node. Returns when the state is reached (running: ready). `node` is one id, or
     * several separated by commas: the same service on all of them, at once. */
    imp_status (*node_service)(imp_call *call, imp_str node, imp_str spec_json);

    /* [read] The cluster's state: small documents of the plugin's own, kept by the core. Appends the value and stores its version (never 0).
     * IMP_NOT_FOUND, with *version = 0, when there is none. Keys: 1 ... 128 of a-z A-Z 0-9 . _ - /. `version` may be NULL. */
    imp_status (*state_get)(imp_call *call, imp_str key, imp_out *value, uint64_t *version);

    /* [write] Compare and swap: stores the value when the key's version still is `expect` (0: when there is none), else IMP_CONFLICT. An empty
     * value deletes. At most IMP_MAX_STATE_VALUE. *version becomes the new one (0 after a delete); may be NULL. */
    imp_status (*state_put)(imp_call *call, imp_str key, imp_str value, uint64_t expect, uint64_t *version);

    /* [read] Like state_get() for secrets: encrypted at rest, never logged. */
    imp_status (*secret_get)(imp_call *call, imp_str name, imp_out *value, uint64_t *version);

    /* [write] Like state_put() for secrets. At most IMP_MAX_SECRET. */
    imp_status (*secret_put)(imp_call *call, imp_str name, imp_str value, uint64_t expect, uint64_t *version);

    /* [write] A key pair with a certificate, made and kept by the core under `name`: asked for again, the same comes back.
     * `profile_json`: {ca: name of the authority, is_ca?: bool, cn: text, org?: [text], dns?: [text], ips?: [text], usages?: ["server", "client"],
     * ttl?: seconds, fresh?: bool}. An authority that is named for the first time is created; a cluster may have any number. `is_ca` asks for
     * the authority's own certificate; its key is never handed out. `fresh` issues anew each time and keeps nothing (for credentials).
     * Appends JSON {cert: PEM, key?: PEM, ca: PEM, serial: lower-case hex}; `key` is absent with `is_ca`. */
    imp_status (*key_pair)(imp_call *call, imp_str name, imp_str profile_json, imp_out *json);

    /* [write] A certificate for a signing request (PEM) whose key stays where it is. The profile is that of key_pair() and overrides what the
     * request asks for. Appends the chain, PEM, leaf first. */
    imp_status (*cert_issue)(imp_call *call, imp_str csr_pem, imp_str profile_json, imp_out *chain_pem);

    /* [read] Something that happened to the cluster, for the event stream. `type` a DNS label, `json` an object of at most 16 KiB; no secrets.
     * Rate-limited: 20 at once, then 5 a second; the rest is dropped and counted. */
    void (*event)(imp_call *call, imp_str type, imp_str json);

    /* [write] A revocation list of the named authority over n certificates (serials as key_pair() tells them; at most 65,536), signed by the
     * core. Give all revoked serials each time, none for an empty list; it is valid for ten years. Appends PEM. IMP_NOT_FOUND for an
     * authority that has issued nothing. */
    imp_status (*revocation_list)(imp_call *call, imp_str authority, const imp_str *serials, size_t n, imp_out *pem);
} imp_host;

/* Typed operations
 *
 * A plain C function `imp_status fn(imp_call *call, <the declared parameters in order>)`, called by the host through libffi and published as REST
 * call, command with flags and console form. Parameters have the C types below; a table that disagrees with its function is silent
 * corruption, so write both from one source. Texts and arrays passed in live until the function returns.
 */

/* imp_param.type:   in                                    out (IMP_P_OUT)                              JSON */
enum {
    IMP_BOOL = 1,     /* uint8_t, 0 or 1                   uint8_t *                                    true, false */
    IMP_I32 = 2,      /* int32_t                           int32_t *                                    number */
    IMP_U32 = 3,      /* uint32_t                          uint32_t *                                   number */
    IMP_I64 = 4,      /* int64_t                           int64_t *                                    number */
    IMP_U64 = 5,      /* uint64_t                          uint64_t *                                   number; text above 2^63-1 */
    IMP_F64 = 6,      /* double, finite                    double *                                     number */
    IMP_STR = 7,      /* const char *, NUL-terminated      imp_out *                                    text */
    IMP_JSON = 8,     /* const char *, NUL-terminated      imp_out *                                    any value */
    IMP_NODE = 9,     /* const char *, id of a node        imp_out *                                    text: in an id or a name */
    IMP_DURATION = 10, /* int64_t, nanoseconds             int64_t *                                    "1h30m", "250ms"; in also seconds */
    IMP_BYTES = 11,   /* const uint8_t *, size_t           imp_out *                                    base64 */
    IMP_STRS = 12     /* const char *const *, size_t       imp_out *, a NUL behind each text            array of text */
};

/* imp_param.flags */
enum {
    IMP_P_OUT = 1,      /* a result; numbers are preset to 0 */
    IMP_P_OPTIONAL = 2, /* may be left out. In: default_json, which scalars must have; without one text is NULL, bytes and texts NULL and 0.
                           Out: an empty sink is told as null */
    IMP_P_SECRET = 4    /* never logged or stored in the clear */
};

typedef struct imp_param {
    uint32_t struct_size;
    uint32_t type;     /* IMP_BOOL ... IMP_STRS */
    uint32_t flags;    /* IMP_P_* */
    uint32_t reserved; /* 0 */
    const char *name;         /* a DNS label, unique within the operation, results included. eg: "role" */
    const char *summary;      /* one line, at most 1 KiB; may be NULL */
    const char *default_json; /* or NULL; must fit type and schema_json. eg: "\"worker\"", "3" */
    const char *schema_json;  /* JSON Schema of the value, or NULL; at most IMP_MAX_SCHEMA */
} imp_param;

/* imp_op.flags */
enum {
    IMP_O_READONLY = 1,    /* its class is [read], else [write] */
    IMP_O_IDEMPOTENT = 2,  /* may be repeated: by whoever called it, when it failed in a way that can pass */
    IMP_O_DESTRUCTIVE = 4, /* faces ask for a confirmation */
    IMP_O_LONG = 8         /* takes more than a few seconds: faces say so. This host runs it like any other: the caller waits, at most 120 s, and
                              progress() is not shown. A later host may run it as an operation with steps and progress */
};

/* What a typed operation's table promises, and what follows from it: arguments and results are held against the types, and against schema_json where
 * there is one, before and after the call. An argument that does not fit is refused with IMP_INVALID and a pointer ("/role") without a call;
 * a result that does not fit fails the call as the plugin's mistake. Arguments and results are checked in the JSON form of the table above. */

typedef struct imp_op {
    uint32_t struct_size;
    uint32_t flags;         /* IMP_O_* */
    const char *id;         /* a DNS label, unique within the type. eg: "rotate-join-tokens" */
    const char *summary;    /* one line */
    const char *since;      /* version of the plugin that had it first, or NULL; shown */
    const char *deprecated; /* what to use instead, or NULL; shown. It works on */
    void (*fn)(void);       /* cast to its real signature by libffi; answers imp_status */
    const imp_param *const *params;
    size_t nparams;         /* at most IMP_MAX_PARAMS */
} imp_op;

/* A verb: a JSON document in, a JSON document out, IMP_OK or why not.
 *
 * in_json (docs/abi/documents.md; members unknown to the plugin are ignored):
 *   {v: 1, operation: {id, kind, attempt}, cluster: {id, name, params, version, labels, network},
 *    nodes: [{id, name, group, role, ordinal, zone, host, address, state, flavor: {cpu, memory, disk}}],
 *    endpoints: [{name, addresses, port}], args: {the verb's own}}
 * At most IMP_MAX_ARGUMENT. out_json: at most IMP_MAX_RESULT; nothing written means {}. It counts only when the verb answers IMP_OK.
 * Both are held against their JSON Schemas (docs/abi/schemas): an answer that breaks its own fails the call, with a JSON pointer to the mistake. */
typedef imp_status (*imp_verb)(imp_call *call, imp_str in_json, imp_out *out_json);

/* A kind of cluster. Verbs marked required must be set; the others may be NULL and are then listed as not supported. */
typedef struct imp_type {
    uint32_t struct_size;
    uint32_t flags;             /* 0 */
    const char *id;             /* a DNS label. What tenants type after --type */
    const char *name;           /* for people */
    const char *summary;        /* one line */
    const char *description_md; /* Markdown; may be NULL */
    const char *const *capabilities; /* DNS labels, NULL-terminated; the pointer may be NULL */
    const char *create_schema;  /* required; JSON Schema of cluster.params, an object; at most IMP_MAX_SCHEMA; no $ref out of the document */
    const char *update_schema;  /* of the parameters that may be changed later; NULL: none */
    const char *binding_schema; /* of args in credentials; may be NULL */

    /* [pure] required. args {params, flavors?: {name: {cpu, memory, disk}}}: the parameters as the tenant gave them, checked against the schema, its
     * defaults filled in -> {params: with defaults, warnings?: [text]}. */
    imp_verb validate;
    /* [pure] required. -> {groups: [{name, role, count, flavor, packages?, batch?, spread?, disruption?, surge?}], endpoints?: [{name, group, port, expose: "tenant" |
     * "cluster"}], version?}. The same input gives the same plan. */
    imp_verb plan;
    /* [write] required. Sees all nodes, makes the smallest working cluster -> {joined: [node id]}; the rest come through join. */
    imp_verb bootstrap;
    /* [write] args {nodes: [id]}, in batches -> {joined: [node id]}. */
    imp_verb join;
    /* [write] args {nodes: [id], lost: bool, drain_deadline, replaced_by?}. Nodes that left already are no error. */
    imp_verb leave;
    /* [read] required. -> {health: "healthy" | "degraded" | "unhealthy" | "unknown", conditions?, nodes?: [{id, state, removable?, removal_cost?,
     * reason?}], version?}. Called every few seconds: keep it cheap. */
    imp_verb health;
    /* [write] args {binding, role, ttl} -> {files: {name: content}, env: {NAME: "${dir}/name"}, expires_at?}. */
    imp_verb credentials;
    /* [write] args {binding, …}: what credentials gave out stops working. Repeated calls are no error. */
    imp_verb revoke;
    /* [write] args {old, new}: parameters; also after the cluster moved to another version of the plugin. */
    imp_verb configure;
    /* [write] args {phase: "prepare" | "nodes" | "finish", nodes, to}: the core makes surge nodes and loops. */
    imp_verb upgrade;
    /* [write] Rewrites state that an older state_format wrote. args {from, to}. */
    imp_verb migrate;
    /* [write] required. Takes back what lives outside the nodes; the core destroys those in any case. OK when it is gone already. */
    imp_verb destroy;

    const imp_op *const *ops;
    size_t nops; /* at most IMP_MAX_OPS */
    /* What this plugin has beyond the verbs, by id: see Extensions above. NULL for ids that it does not know; the pointer may be NULL. */
    const void *(*get_extension)(const char *id);
} imp_type;

/* The plugin's descriptor. */
typedef struct imp_plugin {
    uint32_t struct_size;
    uint32_t abi_minor;      /* IMP_ABI_MINOR of the header that it was compiled with */
    uint32_t min_host_minor; /* refused by hosts with a lower one */
    uint32_t state_format;   /* grows when state written by older versions must go through migrate */
    const char *id;          /* a DNS label */
    const char *version;     /* semantic version. eg: "1.4.0" */
    const char *vendor;
    const char *license;     /* SPDX expression. eg: "Apache-2.0" */
    const char *url;         /* may be NULL */
    const char *const *packages; /* Debian packages that its plans may ask for, NULL-terminated; the pointer may be NULL */
    const imp_type *const *types;
    size_t ntypes;           /* 1 ... IMP_MAX_TYPES */
    /* [pure] required. Called once, before any verb: keep `host`. `call` is valid until it returns. Not IMP_OK: the plugin cannot be used. */
    imp_status (*init)(const imp_host *host, imp_call *call);
} imp_plugin;

/* The one exported function. Returns the descriptor, always the same, or NULL when a host of this minor cannot be served. No I/O, no threads, less
 * than 50 ms. Called once in a process, before init, in the sandbox already. It must be defined by the library itself, not by one that it links.
 *
 * What hosts load: an ELF shared library for the machine, at most 128 MiB, none of whose symbols is undefined; by content, under whatever name. It is
 * opened with RTLD_NOW | RTLD_LOCAL and never closed. It is refused, with the reason for the admin, when a member of the descriptor is wrong,
 * min_host_minor is too high, a schema is none, or init does not answer IMP_OK. Types and operations are known from the descriptor alone. */
IMP_EXPORT const imp_plugin *imp_plugin_v0(uint32_t host_minor);

/* The imp_str of a C text; NULL becomes an empty one. */
static inline imp_str imp_str_of(const char *text) {
    imp_str s;
    s.ptr = text;
    s.len = text ? strlen(text) : 0;
    return s;
}

#ifdef __cplusplus
}
#define IMP_STATIC_ASSERT_(what) static_assert(what, #what)
#else
#define IMP_STATIC_ASSERT_(what) _Static_assert(what, #what)
#endif

/* The layout is the ABI: every struct, every member. */
IMP_STATIC_ASSERT_(sizeof(void *) == 8 && sizeof(size_t) == 8 && sizeof(long) == 8);
IMP_STATIC_ASSERT_(sizeof(imp_str) == 16 && offsetof(imp_str, ptr) == 0 && offsetof(imp_str, len) == 8);
IMP_STATIC_ASSERT_(sizeof(imp_problem) == 80 && offsetof(imp_problem, struct_size) == 0 && offsetof(imp_problem, flags) == 4);
IMP_STATIC_ASSERT_(offsetof(imp_problem, retry_after_ms) == 8 && offsetof(imp_problem, owner) == 12 && offsetof(imp_problem, code) == 16);
IMP_STATIC_ASSERT_(offsetof(imp_problem, field) == 32 && offsetof(imp_problem, message) == 48 && offsetof(imp_problem, detail) == 64);
IMP_STATIC_ASSERT_(sizeof(imp_exec) == 136 && offsetof(imp_exec, struct_size) == 0 && offsetof(imp_exec, flags) == 4);
IMP_STATIC_ASSERT_(offsetof(imp_exec, node) == 8 && offsetof(imp_exec, argv) == 24 && offsetof(imp_exec, argc) == 32);
IMP_STATIC_ASSERT_(offsetof(imp_exec, env) == 40 && offsetof(imp_exec, envc) == 48 && offsetof(imp_exec, user) == 56);
IMP_STATIC_ASSERT_(offsetof(imp_exec, cwd) == 72 && offsetof(imp_exec, in) == 88 && offsetof(imp_exec, timeout_ms) == 104);
IMP_STATIC_ASSERT_(offsetof(imp_exec, output_limit) == 108 && offsetof(imp_exec, out) == 112 && offsetof(imp_exec, err) == 120);
IMP_STATIC_ASSERT_(offsetof(imp_exec, exit_code) == 128 && offsetof(imp_exec, result) == 132);
IMP_STATIC_ASSERT_(sizeof(imp_file) == 72 && offsetof(imp_file, struct_size) == 0 && offsetof(imp_file, mode) == 4);
IMP_STATIC_ASSERT_(offsetof(imp_file, node) == 8 && offsetof(imp_file, path) == 24 && offsetof(imp_file, owner) == 40);
IMP_STATIC_ASSERT_(offsetof(imp_file, bytes) == 56);
IMP_STATIC_ASSERT_(sizeof(imp_host) == 240 && offsetof(imp_host, struct_size) == 0 && offsetof(imp_host, abi_minor) == 4);
IMP_STATIC_ASSERT_(offsetof(imp_host, name) == 8 && offsetof(imp_host, version) == 24 && offsetof(imp_host, get_extension) == 40);
IMP_STATIC_ASSERT_(offsetof(imp_host, out_write) == 48 && offsetof(imp_host, out_new) == 56 && offsetof(imp_host, out_view) == 64);
IMP_STATIC_ASSERT_(offsetof(imp_host, out_clear) == 72 && offsetof(imp_host, fail) == 80 && offsetof(imp_host, last_problem) == 88);
IMP_STATIC_ASSERT_(offsetof(imp_host, context) == 96 && offsetof(imp_host, log) == 104 && offsetof(imp_host, progress) == 112);
IMP_STATIC_ASSERT_(offsetof(imp_host, cancelled) == 120 && offsetof(imp_host, deadline_ns) == 128 && offsetof(imp_host, node_exec) == 136);
IMP_STATIC_ASSERT_(offsetof(imp_host, node_put) == 144 && offsetof(imp_host, node_get) == 152);
IMP_STATIC_ASSERT_(offsetof(imp_host, node_put_artifact) == 160 && offsetof(imp_host, node_service) == 168);
IMP_STATIC_ASSERT_(offsetof(imp_host, state_get) == 176 && offsetof(imp_host, state_put) == 184 && offsetof(imp_host, secret_get) == 192);
IMP_STATIC_ASSERT_(offsetof(imp_host, secret_put) == 200 && offsetof(imp_host, key_pair) == 208 && offsetof(imp_host, cert_issue) == 216);
IMP_STATIC_ASSERT_(offsetof(imp_host, event) == 224 && offsetof(imp_host, revocation_list) == 232);
IMP_STATIC_ASSERT_(sizeof(imp_param) == 48 && offsetof(imp_param, struct_size) == 0 && offsetof(imp_param, type) == 4);
IMP_STATIC_ASSERT_(offsetof(imp_param, flags) == 8 && offsetof(imp_param, reserved) == 12 && offsetof(imp_param, name) == 16);
IMP_STATIC_ASSERT_(offsetof(imp_param, summary) == 24 && offsetof(imp_param, default_json) == 32 && offsetof(imp_param, schema_json) == 40);
IMP_STATIC_ASSERT_(sizeof(imp_op) == 64 && offsetof(imp_op, struct_size) == 0 && offsetof(imp_op, flags) == 4 && offsetof(imp_op, id) == 8);
IMP_STATIC_ASSERT_(offsetof(imp_op, summary) == 16 && offsetof(imp_op, since) == 24 && offsetof(imp_op, deprecated) == 32);
IMP_STATIC_ASSERT_(offsetof(imp_op, fn) == 40 && offsetof(imp_op, params) == 48 && offsetof(imp_op, nparams) == 56);
IMP_STATIC_ASSERT_(sizeof(imp_type) == 192 && offsetof(imp_type, struct_size) == 0 && offsetof(imp_type, flags) == 4);
IMP_STATIC_ASSERT_(offsetof(imp_type, id) == 8 && offsetof(imp_type, name) == 16 && offsetof(imp_type, summary) == 24);
IMP_STATIC_ASSERT_(offsetof(imp_type, description_md) == 32 && offsetof(imp_type, capabilities) == 40);
IMP_STATIC_ASSERT_(offsetof(imp_type, create_schema) == 48 && offsetof(imp_type, update_schema) == 56);
IMP_STATIC_ASSERT_(offsetof(imp_type, binding_schema) == 64 && offsetof(imp_type, validate) == 72 && offsetof(imp_type, plan) == 80);
IMP_STATIC_ASSERT_(offsetof(imp_type, bootstrap) == 88 && offsetof(imp_type, join) == 96 && offsetof(imp_type, leave) == 104);
IMP_STATIC_ASSERT_(offsetof(imp_type, health) == 112 && offsetof(imp_type, credentials) == 120 && offsetof(imp_type, revoke) == 128);
IMP_STATIC_ASSERT_(offsetof(imp_type, configure) == 136 && offsetof(imp_type, upgrade) == 144 && offsetof(imp_type, migrate) == 152);
IMP_STATIC_ASSERT_(offsetof(imp_type, destroy) == 160 && offsetof(imp_type, ops) == 168 && offsetof(imp_type, nops) == 176);
IMP_STATIC_ASSERT_(offsetof(imp_type, get_extension) == 184);
IMP_STATIC_ASSERT_(sizeof(imp_plugin) == 88 && offsetof(imp_plugin, struct_size) == 0 && offsetof(imp_plugin, abi_minor) == 4);
IMP_STATIC_ASSERT_(offsetof(imp_plugin, min_host_minor) == 8 && offsetof(imp_plugin, state_format) == 12 && offsetof(imp_plugin, id) == 16);
IMP_STATIC_ASSERT_(offsetof(imp_plugin, version) == 24 && offsetof(imp_plugin, vendor) == 32 && offsetof(imp_plugin, license) == 40);
IMP_STATIC_ASSERT_(offsetof(imp_plugin, url) == 48 && offsetof(imp_plugin, packages) == 56 && offsetof(imp_plugin, types) == 64);
IMP_STATIC_ASSERT_(offsetof(imp_plugin, ntypes) == 72 && offsetof(imp_plugin, init) == 80);

#endif
