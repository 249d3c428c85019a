// SPDX-License-Identifier: Apache-2.0
/* The call that runs: what imp_call and imp_out stand for. */
#ifndef GUEST_CALL_H
#define GUEST_CALL_H

#include "bytes.h"
#include "frames.h"

typedef enum call_class { CLASS_PURE, CLASS_READ, CLASS_WRITE } call_class;

/* A problem with texts of its own. */
typedef struct stored_problem {
    bool is_set;
    imp_problem problem;
    buffer texts;
} stored_problem;

struct imp_out {
    imp_call *call;
    buffer bytes;
    size_t max;
    imp_out *next;
};

struct imp_call {
    uint64_t id;
    call_class class;
    int64_t deadline_ns;
    imp_str context;
    bool is_cancelled;
    uint64_t last_request;
    message incoming; /* the reply to the host function that runs, or a CANCEL */
    imp_status last_status;
    stored_problem last;   /* of the host function that failed last */
    stored_problem failed; /* what the plugin told through fail() */
    imp_out *outs;
    size_t scratch; /* bytes in all sinks */
    unsigned violations; /* host functions of a higher class that were called and told */
};

extern const imp_host host_table;

/* The table as a host of this minor version gives it. What such a host does not have lies on a page that cannot be read. */
const imp_host *host_of_minor(uint32_t minor);

/* Makes `call` the one that host functions accept. */
void call_begin(imp_call *call);

/* Whether `call` runs, on this thread. */
bool call_is_current(const imp_call *call);

/* Sends RESULT with `nvalues` sinks and frees what belongs to the call. */
void call_end(imp_call *call, imp_status status, imp_out *const *values, size_t nvalues);

/* NULL when the bound of the call is reached. */
imp_out *out_make(imp_call *call, size_t max);

imp_status out_append(imp_out *out, const void *bytes, size_t len);

void problem_store(stored_problem *to, const imp_problem *from);
void problem_write(buffer *to, const stored_problem *problem);
void problem_read(reader *from, stored_problem *to);

/* Records that a host function fails here, without the broker, and returns `status`. */
imp_status call_fail(imp_call *call, imp_status status, const char *code, const char *message);

/* True when `function`, of this class, may run now; otherwise records IMP_PRECONDITION and tells the broker, who names it to the author. */
bool call_allows_function(imp_call *call, call_class needed, const char *function);
#define call_allows(call, needed) call_allows_function(call, needed, __func__)

/* Tells the broker that the plugin called a host function that its verb may not. */
void call_tell_violation(imp_call *call, const char *function);

/* Sends a request and waits for its reply. On IMP_OK `reply` stands at the fields of the reply. */
imp_status call_broker(imp_call *call, const buffer *request, reader *reply);

/* The plugin broke the reply's contract with us: ends the process. */
void reply_end(const reader *reply);

#endif
