/* SPDX-License-Identifier: Apache-2.0
 * Asking the engine: every member for itself, since the ones that others talk about may not be what they are. */
#include "etcd.h"

imp_str peer_url(const imp_task *t, const imp_node *node) { return imp_textf(t->arena, "https://%.*s:%d", IMP_F(node->address), PEER_PORT); }

static void read_members(const imp_task *t, const imp_json *json, observation *seen) {
    const imp_json *list = imp_json_at(json, "/members");
    member *members = imp_arena_take(t->arena, (list ? list->count + 1 : 1) * sizeof *members);
    if (!members || !list || list->kind != IMP_JSON_ARRAY) return;
    seen->members = members;
    for (const imp_json *item = imp_json_first(list); item; item = item->next) {
        member *m = &members[seen->count++];
        m->id = imp_json_unsigned(imp_json_at(item, "/ID"), 0);
        m->name = imp_json_text(imp_json_at(item, "/name"));
        m->peer_url = imp_json_text(imp_json_at(item, "/peerURLs/0"));
        m->has_started = imp_json_first(imp_json_at(item, "/clientURLs")) != NULL;
        m->is_learner = imp_json_is_true(imp_json_at(item, "/isLearner"));
    }
}

/* Two lines: status and members. */
static void read_observation(const imp_task *t, imp_str out, observation *seen) {
    const char *newline = out.len ? memchr(out.ptr, '\n', out.len) : NULL;
    if (!newline) return;
    size_t first = (size_t)(newline - out.ptr);
    const imp_json *status = imp_json_at(imp_json_parse(t->arena, (imp_str){out.ptr, first}, NULL), "/0/Status");
    const imp_json *list = imp_json_parse(t->arena, (imp_str){newline + 1, out.len - first - 1}, NULL);
    if (!status || !list) return;
    seen->answers = true;
    seen->id = imp_json_unsigned(imp_json_at(status, "/header/member_id"), 0);
    seen->leader = imp_json_unsigned(imp_json_at(status, "/leader"), 0);
    seen->has_leader = seen->leader != 0;
    seen->is_learner = imp_json_is_true(imp_json_at(status, "/isLearner"));
    seen->revision = imp_json_integer(imp_json_at(status, "/header/revision"), 0);
    seen->size = imp_json_integer(imp_json_at(status, "/dbSize"), 0);
    seen->size_in_use = imp_json_integer(imp_json_at(status, "/dbSizeInUse"), 0);
    seen->version = imp_json_text(imp_json_at(status, "/version"));
    seen->errors = imp_str_of("");
    for (const imp_json *error = imp_json_first(imp_json_at(status, "/errors")); error; error = error->next)
        seen->errors = imp_textf(t->arena, "%.*s%s%.*s", IMP_F(seen->errors), seen->errors.len ? "; " : "", IMP_F(imp_json_text(error)));
    read_members(t, list, seen);
}

imp_status observe(const imp_task *t, observation **result) {
    const char *const *argv = SCRIPT("e --dial-timeout=1s --command-timeout=2s endpoint status -w json && e --dial-timeout=1s --command-timeout=2s member list -w json", NULL);
    imp_run *runs = imp_arena_take(t->arena, (t->count + 1) * sizeof *runs);
    observation *seen = imp_arena_take(t->arena, (t->count + 1) * sizeof *seen);
    if (!runs || !seen) return IMP_EXHAUSTED;
    size_t n = 0;
    for (size_t i = 0; i < t->count; i++)
        if (imp_node_exists(&t->nodes[i])) runs[n++] = (imp_run){.node = &t->nodes[i], .argv = argv, .timeout_ms = 6000};
    imp_status status = imp_run_all(t, runs, n);
    if (status != IMP_OK) return status;
    for (size_t i = 0; i < n; i++) {
        seen[runs[i].node->index].is_reachable = runs[i].status == IMP_OK;
        if (imp_run_succeeded(&runs[i])) read_observation(t, runs[i].out, &seen[runs[i].node->index]);
    }
    *result = seen;
    return IMP_OK;
}

imp_node *find_leader(const imp_task *t, const observation *seen) {
    imp_node *follower = NULL;
    for (size_t i = 0; i < t->count; i++) {
        if (seen[i].has_leader && seen[i].id == seen[i].leader) return &t->nodes[i];
        if (seen[i].has_leader && !seen[i].is_learner && !follower) follower = &t->nodes[i];
    }
    return follower;
}

imp_status need_leader(const imp_task *t, imp_node **leader, observation **seen) {
    imp_status status = observe(t, seen);
    if (status != IMP_OK) return status;
    *leader = find_leader(t, *seen);
    return *leader ? IMP_OK : imp_failf(t, IMP_UNAVAILABLE, "etcd.no-quorum", "", "No member sees a leader: the cluster has no quorum now.");
}

const member *find_member(const observation *view, const imp_task *t, const imp_node *node) {
    imp_str url = peer_url(t, node);
    for (size_t i = 0; i < view->count; i++)
        if (imp_str_same(view->members[i].peer_url, url)) return &view->members[i];
    return NULL;
}

imp_status await_members(const imp_task *t, const uint8_t *chosen) {
    const char *missing = "";
    for (int round = 0; round < 200; round++) {
        observation *seen;
        imp_status status = observe(t, &seen);
        if (status != IMP_OK) return status;
        missing = NULL;
        for (size_t i = 0; i < t->count && !missing; i++)
            if ((!chosen || chosen[i]) && imp_node_exists(&t->nodes[i]) && !seen[i].has_leader) missing = t->nodes[i].name.ptr;
        if (!missing) return IMP_OK;
        status = imp_pause(t, 200);
        if (status != IMP_OK) return status;
    }
    return imp_failf(t, IMP_UNAVAILABLE, "etcd.not-ready", "", "The member '%s' did not find a leader in time.", missing);
}
