/* SPDX-License-Identifier: Apache-2.0
 * What can be done with a cluster beside making and using it: `imp cluster do NAME snapshot` and so on. */
#include "etcd.h"

#include <impresario/operations.h>

#define SNAPSHOT(P)                                                                                                              \
    P(OPTIONAL, NODE, source, "node", "Whose data is saved; the leader's when left out.")                                        \
    P(IN, U32, keep, "keep", "How many snapshots stay on that node, this one included.", "3", "{\"minimum\":1,\"maximum\":100}")  \
    P(OUT, STR, path, "path", "Where it is on the node.")                                                                        \
    P(OUT, NODE, node, "node-used", "The node that has it.")                                                                     \
    P(OUT, I64, size, "size", "Bytes.")                                                                                          \
    P(OUT, STR, hash, "hash", "Of the content, as etcdctl tells it.")                                                            \
    P(OUT, I64, revision, "revision", "The newest revision in it.")                                                              \
    P(OUT, I64, keys, "keys", "Keys in it, history included.")
IMP_OPERATION(snapshot, SNAPSHOT, 0, "snapshot", "Saves all data into a file on a node and checks it.");

#define DEFRAGMENT(P) P(OUT, I64, freed, "freed", "Bytes given back to the disks of all members.")
IMP_OPERATION(defragment, DEFRAGMENT, IMP_O_IDEMPOTENT, "defragment", "Gives back the space of forgotten revisions, one member after the other, the leader last.");

#define MEMBER_LIST(P) P(OUT, JSON, members, "members", "Id, name, node, role, size and version of each member.")
IMP_OPERATION(member_list, MEMBER_LIST, IMP_O_READONLY | IMP_O_IDEMPOTENT, "member-list", "The members as the leader knows them.");

#define COMPACT(P)                                                                                     \
    P(IN, U64, keep, "keep", "How many of the newest revisions stay.", "0")                            \
    P(OUT, I64, revision, "revision", "Older revisions are forgotten; 0 when there was nothing to forget.")
IMP_OPERATION(compact, COMPACT, IMP_O_IDEMPOTENT | IMP_O_DESTRUCTIVE, "compact", "Forgets old revisions of all keys.");

const imp_op *const operations[OPERATIONS] = {&snapshot_operation, &defragment_operation, &member_list_operation, &compact_operation};

static imp_status begin(imp_task *t, imp_arena *arena, imp_call *call, imp_node **leader, observation **seen) {
    imp_status status = imp_task_begin_operation(t, host, call, arena);
    return status == IMP_OK ? need_leader(t, leader, seen) : status;
}

static imp_status snapshot(imp_call *call, const char *source, uint32_t keep, imp_out *path, imp_out *node, int64_t *size, imp_out *hash, int64_t *revision,
                           int64_t *keys) {
    IMP_ARENA(arena);
    imp_task t;
    imp_node *from;
    observation *seen;
    imp_status status = begin(&t, &arena, call, &from, &seen);
    if (status != IMP_OK) return status;
    if (source && !(from = imp_node_by_id(&t, imp_str_of(source)))) return imp_failf(&t, IMP_NOT_FOUND, "etcd.no-node", "/node", "There is no such node.");
    /* Named by its time, so that the oldest are first in the list; written aside, so that what is there is whole. */
    imp_run run = {.node = from, .timeout_ms = 100000, .argv = SCRIPT(
        "folder=/var/lib/etcd-snapshots\ninstall -d -m 0700 $folder\nfile=$folder/$(date -u +%Y%m%dT%H%M%S.%N).db\n"
        "e snapshot save $folder/new --command-timeout=90s >/dev/null\nmv $folder/new $file\n"
        "ls -1 $folder/*.db | head -n \"-$1\" | xargs -r rm -f\necho $file\nstat -c %s $file\netcdctl snapshot status $file -w json", imp_textf(&arena, "%u", keep).ptr)};
    if ((status = imp_run_all(&t, &run, 1)) != IMP_OK || (status = imp_run_expect(&t, &run, "save a snapshot")) != IMP_OK) return status;
    /* Path, size (etcdctl leaves out the digest at the file's end), the rest as JSON. */
    size_t line = strcspn(run.out.ptr, "\n");
    char *rest;
    *size = strtoll(run.out.ptr + line, &rest, 10);
    const imp_json *told = imp_json_parse(&arena, imp_str_of(rest), NULL);
    if (!told) return imp_failf(&t, IMP_INTERNAL, "etcd.snapshot", "", "etcdctl did not tell what the snapshot holds.");
    *revision = imp_json_integer(imp_json_at(told, "/revision"), 0);
    *keys = imp_json_integer(imp_json_at(told, "/totalKey"), 0);
    imp_str digits = imp_textf(&arena, "%08" PRIx64, imp_json_unsigned(imp_json_at(told, "/hash"), 0));
    if ((status = host->out_write(path, run.out.ptr, line)) != IMP_OK) return status;
    if ((status = host->out_write(hash, digits.ptr, digits.len)) != IMP_OK) return status;
    return host->out_write(node, from->id.ptr, from->id.len);
}

static imp_status defragment(imp_call *call, int64_t *freed) {
    IMP_ARENA(arena);
    imp_task t;
    imp_node *leader;
    observation *before, *after;
    imp_status status = begin(&t, &arena, call, &leader, &before);
    if (status != IMP_OK) return status;
    /* A member answers nobody while it is at it. */
    for (size_t i = 0; i <= t.count; i++) {
        const imp_node *node = i < t.count ? &t.nodes[i] : leader;
        if ((i < t.count && node == leader) || !before[node->index].answers) continue;
        host->progress(call, (uint32_t)(9000 * i / (t.count + 1)), imp_textf(&arena, "Defragmenting %.*s", IMP_F(node->name)));
        imp_run run = {.node = node, .argv = ETCDCTL("defrag", "--command-timeout=50s")};
        if ((status = imp_run_all(&t, &run, 1)) != IMP_OK || (status = imp_run_expect(&t, &run, "be defragmented")) != IMP_OK) return status;
    }
    if ((status = observe(&t, &after)) != IMP_OK) return status;
    for (size_t i = 0; i < t.count; i++)
        if (before[i].answers && after[i].answers && before[i].size > after[i].size) *freed += before[i].size - after[i].size;
    return IMP_OK;
}

static imp_status member_list(imp_call *call, imp_out *members) {
    IMP_ARENA(arena);
    imp_task t;
    imp_node *leader;
    observation *seen;
    imp_status status = begin(&t, &arena, call, &leader, &seen);
    if (status != IMP_OK) return status;
    const observation *view = &seen[leader->index];
    imp_writer w = imp_writer_to(host, members);
    imp_put_array(&w, NULL);
    for (size_t i = 0; i < view->count; i++) {
        const member *m = &view->members[i];
        const observation *own = NULL;
        imp_put_object(&w, NULL);
        imp_put_textf(&w, "id", "%" PRIx64, m->id);
        imp_put_text(&w, "name", m->name);
        imp_put_cstr(&w, "role", m->is_learner ? "learner" : m->id == view->leader ? "leader" : "follower");
        for (size_t k = 0; k < t.count; k++)
            if (imp_str_same(m->peer_url, peer_url(&t, &t.nodes[k]))) {
                imp_put_text(&w, "node", t.nodes[k].name);
                own = &seen[k];
            }
        imp_put_bool(&w, "answers", own && own->answers);
        if (own && own->answers) {
            imp_put_integer(&w, "size", own->size);
            imp_put_text(&w, "version", own->version);
        }
        imp_put_end(&w);
    }
    imp_put_end(&w);
    return imp_put_finish(&w);
}

static imp_status compact(imp_call *call, uint64_t keep, int64_t *revision) {
    IMP_ARENA(arena);
    imp_task t;
    imp_node *leader;
    observation *seen;
    imp_status status = begin(&t, &arena, call, &leader, &seen);
    if (status != IMP_OK) return status;
    int64_t newest = seen[leader->index].revision;
    if (keep >= (uint64_t)newest) return IMP_OK;
    int64_t upto = newest - (int64_t)keep;
    imp_run run = {.node = leader, .argv = ETCDCTL("compaction", imp_textf(&arena, "%" PRId64, upto).ptr)};
    if ((status = imp_run_all(&t, &run, 1)) != IMP_OK) return status;
    /* Somebody else was there first: it is as it was wanted. */
    if (!imp_run_succeeded(&run) && !strstr(run.err.ptr, "has been compacted") && (status = imp_run_expect(&t, &run, "forget old revisions")) != IMP_OK)
        return status;
    *revision = upto;
    return IMP_OK;
}
