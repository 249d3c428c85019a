/* SPDX-License-Identifier: Apache-2.0
 * What the members' own answers mean. */
#include "etcd.h"

static void put_condition(imp_writer *w, const char *type, const char *severity, imp_str message) {
    imp_put_object(w, NULL);
    imp_put_cstr(w, "type", type);
    imp_put_cstr(w, "severity", severity);
    imp_put_text(w, "message", message);
    imp_put_end(w);
}

/* The state of one node, and why it is not ready (NULL when it is). */
static const char *state_of(const imp_node *node, const observation *o, bool has_quorum, const char **reason) {
    *reason = NULL;
    if (imp_str_is(node->state, "planned")) return *reason = "It is not made yet.", "starting";
    if (!imp_node_exists(node)) return *reason = "It is lost.", "down";
    if (!o->is_reachable) return *reason = "The node cannot be reached.", "down";
    if (!o->answers) return *reason = "Its etcd does not answer.", "down";
    if (!o->has_leader) return *reason = "It sees no leader.", has_quorum ? "starting" : "unknown";
    if (o->is_learner) return *reason = "It is still catching up with the others.", "starting";
    return "ready";
}

imp_status health(imp_call *call, imp_str in, imp_out *out) {
    IMP_ARENA(arena);
    imp_task t;
    observation *seen;
    imp_status status = imp_task_begin(&t, host, call, &arena, in);
    if (status != IMP_OK || (status = observe(&t, &seen)) != IMP_OK) return status;

    imp_node *leader = find_leader(&t, seen);
    const observation *view = leader ? &seen[leader->index] : NULL;
    size_t voters = 0, answering = 0, ready = 0;
    imp_str errors = imp_str_of(""), version = imp_str_of("");
    for (size_t i = 0; view && i < view->count; i++) voters += !view->members[i].is_learner;
    for (size_t i = 0; i < t.count; i++) {
        answering += seen[i].has_leader && !seen[i].is_learner;
        ready += seen[i].has_leader && !seen[i].is_learner && imp_node_exists(&t.nodes[i]);
        if (seen[i].version.len) version = seen[i].version;
        if (seen[i].errors.len) errors = seen[i].errors;
    }
    /* A follower can still believe in a leader that has just died: a majority must. */
    bool has_quorum = view && answering > voters / 2;
    bool is_whole = has_quorum && ready == t.count && voters == t.count && !errors.len;

    imp_writer w = imp_writer_to(host, out);
    imp_put_object(&w, NULL);
    imp_put_cstr(&w, "health", !has_quorum ? "unhealthy" : is_whole ? "healthy" : "degraded");
    imp_put_array(&w, "conditions");
    if (!has_quorum)
        put_condition(&w, "QuorumLost", "error", imp_textf(&arena, "%zu of %zu members answer with a leader, which is no majority: nothing can be read or "
                                                           "written. Bring members back.", answering, voters ? voters : t.count));
    else if (answering < voters) {
        size_t spare = answering - voters / 2 - 1;
        put_condition(&w, "QuorumAtRisk", "warning", spare ? imp_textf(&arena, "%zu of %zu members answer; only %zu more may fail.", answering, voters, spare)
                                                           : imp_textf(&arena, "%zu of %zu members answer; no further one may fail.", answering, voters));
    }
    if (errors.len) put_condition(&w, "EngineComplains", "error", imp_textf(&arena, "A member reports: %.*s", IMP_F(errors)));
    int64_t quota = parameters_of(t.params).quota_mib * MIB;
    if (view && view->size_in_use > quota / 5 * 4)
        put_condition(&w, "NearlyFull", "warning", imp_textf(&arena, "The data takes %" PRId64 " of %" PRId64 " MiB. Compact and defragment, or raise "
                                                             "quotaMib.", view->size_in_use / MIB, quota / MIB));
    for (size_t i = 0; view && i < view->count; i++) {
        bool is_ours = false;
        for (size_t k = 0; k < t.count; k++) is_ours = is_ours || imp_str_same(view->members[i].peer_url, peer_url(&t, &t.nodes[k]));
        if (!is_ours)
            put_condition(&w, "ForeignMember", "warning", imp_textf(&arena, "The member '%.*s' at %.*s is no node of this cluster.",
                                                                    IMP_F(view->members[i].name), IMP_F(view->members[i].peer_url)));
    }
    imp_put_end(&w);
    imp_put_array(&w, "nodes");
    for (size_t i = 0; i < t.count; i++) {
        const char *reason, *state = state_of(&t.nodes[i], &seen[i], has_quorum, &reason);
        bool is_up = seen[i].has_leader && !seen[i].is_learner;
        imp_put_object(&w, NULL);
        imp_put_text(&w, "id", t.nodes[i].id);
        imp_put_cstr(&w, "state", state);
        /* What stays must be a majority of itself. */
        imp_put_bool(&w, "removable", has_quorum && voters > 1 && (!is_up || answering - 1 > (voters - 1) / 2));
        imp_put_integer(&w, "removal_cost", is_up && seen[i].id == seen[i].leader ? 100 : is_up ? 10 : 0);
        if (reason) imp_put_cstr(&w, "reason", reason);
        imp_put_end(&w);
    }
    imp_put_end(&w);
    if (version.len) imp_put_text(&w, "version", version);
    imp_put_end(&w);
    return imp_put_finish(&w);
}
