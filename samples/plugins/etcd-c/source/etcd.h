/* SPDX-License-Identifier: Apache-2.0
 * What the parts of the plugin know of each other. */
#ifndef ETCD_H
#define ETCD_H

#include <impresario/helpers.h>
#include <inttypes.h>
#include <stdbool.h>

/* Kept by init, the same for the life of the process. */
extern const imp_host *host;

#define GROUP "member"
#define ENDPOINT "client"
#define CLIENT_PORT 2379
#define PEER_PORT 2380
#define MIB ((int64_t)1 << 20)

/* parameters.c: what a tenant can say, and the nodes that follow from it. */
extern const char create_schema[], update_schema[], binding_schema[];

typedef struct parameters {
    int64_t members, quota_mib, compaction_hours;
    imp_str flavor;
} parameters;

parameters parameters_of(const imp_json *json);
imp_status validate(imp_call *call, imp_str in, imp_out *out);
imp_status plan(imp_call *call, imp_str in, imp_out *out);

/* engine.c: asking etcd, always through the etcdctl of the member's own node and with the certificate of the user root. */

/* One line of `member list`. */
typedef struct member {
    uint64_t id;
    imp_str name; /* empty until it has started once */
    imp_str peer_url;
    bool has_started, is_learner;
} member;

/* What one member tells of itself; the rest is 0 while `answers` is false. */
typedef struct observation {
    bool answers, is_reachable; /* the engine; the node */
    bool has_leader, is_learner;
    uint64_t id, leader;
    int64_t revision, size, size_in_use;
    imp_str version, errors; /* errors: alarms included */
    size_t count;
    const member *members; /* as this member sees them */
} observation;

#define ETCDCTL_CONNECTION \
    "--endpoints=https://127.0.0.1:2379", "--cacert=/etc/etcd/pki/client-ca.pem", "--cert=/etc/etcd/pki/root.pem", "--key=/etc/etcd/pki/root.key"
/* A NULL-terminated command. eg: ETCDCTL("member", "list") */
#define ETCDCTL(...) IMP_ARGV("etcdctl", ETCDCTL_CONNECTION, __VA_ARGS__)

/* A script with the shell function `e` for etcdctl; further arguments are $1, $2 … */
#define SCRIPT(text, ...) IMP_ARGV("sh", "-euc", "e() { etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/etcd/pki/client-ca.pem " \
    "--cert=/etc/etcd/pki/root.pem --key=/etc/etcd/pki/root.key \"$@\"; }\n" text, "etcd", __VA_ARGS__)

/* By index of the task's nodes. Nodes that do not exist, or not yet, are asked nothing. */
imp_status observe(const imp_task *t, observation **seen);
/* A member that sees a leader, the leader itself if possible; NULL when there is none. */
imp_node *find_leader(const imp_task *t, const observation *seen);
/* The same, after asking; fails when there is none. */
imp_status need_leader(const imp_task *t, imp_node **leader, observation **seen);
const member *find_member(const observation *view, const imp_task *t, const imp_node *node);
/* Waits until each of the chosen nodes (all when NULL) answers with a leader. */
imp_status await_members(const imp_task *t, const uint8_t *chosen);
imp_str peer_url(const imp_task *t, const imp_node *node);

/* setup.c: what stands in a node before its member starts. */
imp_status prepare(const imp_task *t, imp_node *const *nodes, size_t count);
imp_status configure_members(const imp_task *t, imp_node *const *nodes, size_t count, imp_str initial_cluster, bool is_new);
imp_status start(const imp_task *t, imp_node *const *nodes, size_t count);
imp_status stop_and_wipe(const imp_task *t, imp_node *node);

/* members.c */
imp_status bootstrap(imp_call *call, imp_str in, imp_out *out);
imp_status join(imp_call *call, imp_str in, imp_out *out);
imp_status leave(imp_call *call, imp_str in, imp_out *out);
imp_status configure(imp_call *call, imp_str in, imp_out *out);

/* health.c */
imp_status health(imp_call *call, imp_str in, imp_out *out);

/* access.c */
imp_status secure(const imp_task *t, const imp_node *leader);
imp_status credentials(imp_call *call, imp_str in, imp_out *out);
imp_status revoke(imp_call *call, imp_str in, imp_out *out);
/* The list of certificates that are refused, as it is now. */
imp_status revocation_list(const imp_task *t, imp_str *pem);

/* operations.c */
enum { OPERATIONS = 4 };
extern const imp_op *const operations[OPERATIONS];

#endif
