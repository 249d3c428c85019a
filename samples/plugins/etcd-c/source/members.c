/* SPDX-License-Identifier: Apache-2.0
 * Who belongs to the cluster. What the engine's own list of members says decides, never what an earlier attempt may have done. */
#include "etcd.h"

static imp_str initial_cluster_of_nodes(const imp_task *t) {
    imp_str text = imp_str_of("");
    for (size_t i = 0; i < t->count; i++)
        text = imp_textf(t->arena, "%.*s%s%.*s=%.*s", IMP_F(text), i ? "," : "", IMP_F(t->nodes[i].name), IMP_F(peer_url(t, &t->nodes[i])));
    return text;
}

/* The running cluster's list; one that has not started has no name in it yet. */
static imp_str initial_cluster_of_members(const imp_task *t, const observation *view, const imp_node *node) {
    imp_str text = imp_str_of(""), own = peer_url(t, node);
    for (size_t i = 0; i < view->count; i++) {
        const member *m = &view->members[i];
        imp_str name = imp_str_same(m->peer_url, own) ? node->name : m->name;
        text = imp_textf(t->arena, "%.*s%s%.*s=%.*s", IMP_F(text), i ? "," : "", IMP_F(name), IMP_F(m->peer_url));
    }
    return text;
}

/* Changes the list of members. etcd refuses with "unhealthy cluster" until all members have been connected for 5 s, as after one came back. */
static imp_status change_list(const imp_task *t, const imp_node *leader, const char *const *argv, const char *purpose) {
    for (int round = 0;; round++) {
        imp_run run = {.node = leader, .argv = argv};
        imp_status status = imp_run_all(t, &run, 1);
        if (status != IMP_OK) return status;
        if (!strstr(run.err.ptr, "unhealthy cluster") || round == 60) return imp_run_expect(t, &run, purpose);
        if ((status = imp_pause(t, 500)) != IMP_OK) return status;
    }
}

static imp_status remove_member(const imp_task *t, const imp_node *leader, uint64_t id) {
    return change_list(t, leader, SCRIPT("said=$(e member remove \"$1\" 2>&1) || case $said in *'not found'*) ;; *) echo \"$said\" >&2; exit 1 ;; esac",
                                         imp_textf(t->arena, "%" PRIx64, id).ptr), "take a member out of the list");
}

/* Learners vote when they have caught up; until then the engine refuses. */
static imp_status promote(const imp_task *t, imp_node *node) {
    for (int round = 0; round < 150; round++) {
        imp_node *leader;
        observation *seen;
        imp_status status = need_leader(t, &leader, &seen);
        if (status != IMP_OK) return status;
        const member *m = find_member(&seen[leader->index], t, node);
        if (m && !m->is_learner) return IMP_OK;
        if (m && m->has_started) {
            imp_run run = {.node = leader, .argv = ETCDCTL("member", "promote", imp_textf(t->arena, "%" PRIx64, m->id).ptr)};
            if ((status = imp_run_all(t, &run, 1)) != IMP_OK) return status;
            if (imp_run_succeeded(&run)) return IMP_OK;
        }
        if ((status = imp_pause(t, 200)) != IMP_OK) return status;
    }
    return imp_failf(t, IMP_UNAVAILABLE, "etcd.learner", "", "The member '%.*s' did not catch up in time.", IMP_F(node->name));
}

/* Makes a node a member of the cluster that runs: listed as a learner, started, promoted. */
static imp_status admit(const imp_task *t, imp_node *node) {
    imp_node *leader;
    observation *seen;
    imp_run look = {.node = node, .argv = IMP_ARGV("test", "-d", "/var/lib/etcd/member")};
    imp_status status;
    if ((status = prepare(t, &node, 1)) != IMP_OK || (status = imp_run_all(t, &look, 1)) != IMP_OK) return status;
    if ((status = need_leader(t, &leader, &seen)) != IMP_OK) return status;
    bool has_data = imp_run_succeeded(&look);
    const member *m = find_member(&seen[leader->index], t, node);
    /* A member without its data, or one with data of a membership that has ended, begins anew. */
    if (m && !has_data && m->has_started) {
        if ((status = remove_member(t, leader, m->id)) != IMP_OK) return status;
        m = NULL;
    }
    if (!m) {
        if (has_data && (status = stop_and_wipe(t, node)) != IMP_OK) return status;
        imp_str url = imp_textf(t->arena, "--peer-urls=%.*s", IMP_F(peer_url(t, node)));
        status = change_list(t, leader, ETCDCTL("member", "add", node->name.ptr, "--learner", url.ptr), "add a member");
        if (status != IMP_OK || (status = need_leader(t, &leader, &seen)) != IMP_OK) return status;
    }
    status = configure_members(t, &node, 1, initial_cluster_of_members(t, &seen[leader->index], node), false);
    if (status == IMP_OK) status = start(t, &node, 1);
    return status == IMP_OK ? promote(t, node) : status;
}

/* All nodes at once, as one cluster that nobody has to be added to. */
static imp_status begin(const imp_task *t) {
    imp_node **nodes = imp_arena_take(t->arena, (t->count + 1) * sizeof *nodes);
    if (!nodes) return IMP_EXHAUSTED;
    for (size_t i = 0; i < t->count; i++) nodes[i] = &t->nodes[i];
    imp_status status = prepare(t, nodes, t->count);
    if (status == IMP_OK) status = configure_members(t, nodes, t->count, initial_cluster_of_nodes(t), true);
    host->progress(t->call, 4000, imp_str_of("Starting the members"));
    return status == IMP_OK ? start(t, nodes, t->count) : status;
}

imp_status bootstrap(imp_call *call, imp_str in, imp_out *out) {
    IMP_ARENA(arena);
    imp_task t;
    imp_node *leader;
    observation *seen;
    imp_status status = imp_task_begin(&t, host, call, &arena, in);
    if (status != IMP_OK) return status;
    host->progress(call, 1000, imp_str_of("Preparing the members"));
    if ((status = observe(&t, &seen)) != IMP_OK) return status;
    leader = find_leader(&t, seen);
    if (!leader) status = begin(&t);
    /* An earlier attempt came so far that there is a cluster: whoever is missing is brought into it. */
    else for (size_t i = 0; i < t.count && status == IMP_OK; i++)
        if (!seen[i].has_leader) status = admit(&t, &t.nodes[i]);
    if (status == IMP_OK) status = await_members(&t, NULL);
    host->progress(call, 8000, imp_str_of("Switching authentication on"));
    if (status == IMP_OK && (status = need_leader(&t, &leader, &seen)) == IMP_OK) status = secure(&t, leader);
    return status == IMP_OK ? imp_answer_joined(&t, out, NULL) : status;
}

imp_status join(imp_call *call, imp_str in, imp_out *out) {
    IMP_ARENA(arena);
    imp_task t;
    imp_status status = imp_task_begin(&t, host, call, &arena, in);
    if (status != IMP_OK) return status;
    uint8_t *chosen = imp_arena_take(&arena, t.count + 1);
    for (const imp_json *id = imp_json_first(imp_json_at(t.args, "/nodes")); id && chosen; id = id->next) {
        imp_node *node = imp_node_by_id(&t, imp_json_text(id));
        if (!node) continue;
        if ((status = admit(&t, node)) != IMP_OK) return status;
        chosen[node->index] = 1;
    }
    status = chosen ? await_members(&t, chosen) : IMP_EXHAUSTED;
    return status == IMP_OK ? imp_answer_joined(&t, out, chosen) : status;
}

imp_status leave(imp_call *call, imp_str in, imp_out *out) {
    (void)out;
    IMP_ARENA(arena);
    imp_task t;
    imp_status status = imp_task_begin(&t, host, call, &arena, in);
    if (status != IMP_OK) return status;
    bool is_lost = imp_json_is_true(imp_json_at(t.args, "/lost"));
    uint8_t *leaving = imp_arena_take(&arena, t.count + 1);
    if (!leaving) return IMP_EXHAUSTED;
    size_t staying = t.count;
    for (const imp_json *id = imp_json_first(imp_json_at(t.args, "/nodes")); id; id = id->next) {
        imp_node *node = imp_node_by_id(&t, imp_json_text(id));
        if (!node || leaving[node->index]) continue;
        leaving[node->index] = 1;
        staying--;
    }
    if (!staying) return imp_failf(&t, IMP_PRECONDITION, "etcd.last-member", "", "The last member cannot leave; delete the cluster instead.");
    for (size_t i = 0; i < t.count; i++) {
        imp_node *leader, *node = &t.nodes[i];
        observation *seen;
        if (!leaving[i]) continue;
        if ((status = observe(&t, &seen)) != IMP_OK) return status;
        /* Whoever leaves does not take itself out. */
        for (size_t k = 0; k < t.count; k++)
            if (leaving[k]) seen[k].has_leader = false;
        leader = find_leader(&t, seen);
        if (!leader) return imp_failf(&t, IMP_UNAVAILABLE, "etcd.no-quorum", "", "No member that stays sees a leader: nobody can be taken out now.");
        const member *m = find_member(&seen[leader->index], &t, node);
        if (m && (status = remove_member(&t, leader, m->id)) != IMP_OK) return status;
        if (!is_lost && imp_node_exists(node) && (status = stop_and_wipe(&t, node)) != IMP_OK) return status;
    }
    return IMP_OK;
}

/* Settings that may change are in the declaration of the service: one member after the other is restarted with them. */
imp_status configure(imp_call *call, imp_str in, imp_out *out) {
    (void)out;
    IMP_ARENA(arena);
    imp_task t;
    imp_status status = imp_task_begin(&t, host, call, &arena, in);
    if (status != IMP_OK) return status;
    const imp_json *new = imp_json_at(t.args, "/new");
    if (new) t.params = new;
    for (size_t i = 0; i < t.count && status == IMP_OK; i++) {
        imp_node *node = &t.nodes[i];
        if (!imp_node_exists(node)) continue;
        if ((status = start(&t, &node, 1)) == IMP_OK) status = await_members(&t, NULL);
    }
    return status;
}
