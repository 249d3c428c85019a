/* SPDX-License-Identifier: Apache-2.0
 * From what a tenant asks for to nodes. Pure: the same input gives the same plan. */
#include "etcd.h"

#define CHANGEABLE \
    "\"quotaMib\":{\"type\":\"integer\",\"title\":\"Quota\",\"description\":\"Most that the data may take, in MiB; beyond it etcd takes no writes.\"," \
    "\"minimum\":16,\"maximum\":8192,\"default\":512}," \
    "\"compactionHours\":{\"type\":\"integer\",\"title\":\"History\",\"description\":\"Hours that old revisions are kept; 0: until they are compacted.\"," \
    "\"minimum\":0,\"maximum\":8760,\"default\":0}"

const char create_schema[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
    "\"members\":{\"type\":\"integer\",\"title\":\"Members\",\"description\":\"Nodes that keep the data by quorum: 1, 3 or 5.\",\"minimum\":1,\"maximum\":5,"
    "\"default\":3},"
    "\"flavor\":{\"type\":\"string\",\"title\":\"Flavor\",\"description\":\"Node size of the members.\",\"default\":\"small\","
    "\"pattern\":\"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$\",\"maxLength\":63}," CHANGEABLE "}}";

const char update_schema[] = "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{" CHANGEABLE "}}";

parameters parameters_of(const imp_json *json) {
    parameters p = {
        .members = imp_json_integer(imp_json_at(json, "/members"), 3),
        .quota_mib = imp_json_integer(imp_json_at(json, "/quotaMib"), 512),
        .compaction_hours = imp_json_integer(imp_json_at(json, "/compactionHours"), 0),
        .flavor = imp_json_text(imp_json_at(json, "/flavor")),
    };
    if (!p.flavor.len) p.flavor = imp_str_of("small");
    return p;
}

/* What a schema cannot say, or not as well. */
static imp_status check(const imp_task *t, const parameters *p) {
    if (p->members != 1 && p->members != 3 && p->members != 5)
        return imp_failf(t, IMP_INVALID, "etcd.no-quorum-size", "/members",
                         "%" PRId64 " members were asked for; ask for 1, 3 or 5. Members decide by majority, so an even number survives no more losses than "
                         "one member less.", p->members);
    if (p->quota_mib < 16 || p->quota_mib > 8192)
        return imp_failf(t, IMP_INVALID, "etcd.quota", "/quotaMib", "The quota is %" PRId64 " MiB; ask for 16 to 8192.", p->quota_mib);
    if (p->compaction_hours < 0 || p->compaction_hours > 8760)
        return imp_failf(t, IMP_INVALID, "etcd.compaction", "/compactionHours", "%" PRId64 " hours of history were asked for; ask for 0 to 8760.",
                         p->compaction_hours);
    /* The data, its copy while it is defragmented, a snapshot, and the log. */
    int64_t disk = imp_json_integer(imp_json_at(imp_json_member(imp_json_at(t->args, "/flavors"), p->flavor), "/disk"), 0);
    if (disk && disk / MIB < 3 * p->quota_mib + 256)
        return imp_failf(t, IMP_INVALID, "etcd.quota-exceeds-disk", "/quotaMib",
                         "A quota of %" PRId64 " MiB needs %" PRId64 " MiB of disk; the flavor '%.*s' has %" PRId64 ".", p->quota_mib,
                         3 * p->quota_mib + 256, IMP_F(p->flavor), disk / MIB);
    return IMP_OK;
}

imp_status validate(imp_call *call, imp_str in, imp_out *out) {
    IMP_ARENA(arena);
    imp_task t;
    imp_status status = imp_task_begin(&t, host, call, &arena, in);
    if (status != IMP_OK) return status;
    const imp_json *given = imp_json_at(t.args, "/params");
    parameters p = parameters_of(given ? given : t.params);
    status = check(&t, &p);
    if (status != IMP_OK) return status;
    imp_writer w = imp_writer_to(host, out);
    imp_put_object(&w, NULL);
    imp_put_object(&w, "params");
    imp_put_integer(&w, "members", p.members);
    imp_put_text(&w, "flavor", p.flavor);
    imp_put_integer(&w, "quotaMib", p.quota_mib);
    imp_put_integer(&w, "compactionHours", p.compaction_hours);
    imp_put_end(&w);
    if (p.members == 1) {
        imp_put_array(&w, "warnings");
        imp_put_cstr(&w, NULL, "With one member nothing is replicated: while its node is away so is the data.");
        imp_put_end(&w);
    }
    imp_put_end(&w);
    return imp_put_finish(&w);
}

imp_status plan(imp_call *call, imp_str in, imp_out *out) {
    IMP_ARENA(arena);
    imp_task t;
    imp_status status = imp_task_begin(&t, host, call, &arena, in);
    if (status != IMP_OK) return status;
    parameters p = parameters_of(t.params);
    status = check(&t, &p);
    if (status != IMP_OK) return status;
    imp_writer w = imp_writer_to(host, out);
    imp_put_object(&w, NULL);
    imp_put_array(&w, "groups");
    imp_put_object(&w, NULL);
    imp_put_cstr(&w, "name", GROUP);
    imp_put_cstr(&w, "role", GROUP);
    imp_put_integer(&w, "count", p.members);
    imp_put_text(&w, "flavor", p.flavor);
    imp_put_raw(&w, "packages", imp_str_of("[\"etcd-server\",\"etcd-client\"]"));
    imp_put_integer(&w, "batch", 1); /* each changes the quorum */
    imp_put_raw(&w, "spread", imp_str_of("{\"by\":\"host\",\"mode\":\"prefer\"}"));
    imp_put_end(&w);
    imp_put_end(&w);
    imp_put_array(&w, "endpoints");
    imp_put_object(&w, NULL);
    imp_put_cstr(&w, "name", ENDPOINT);
    imp_put_cstr(&w, "group", GROUP);
    imp_put_integer(&w, "port", CLIENT_PORT);
    imp_put_cstr(&w, "expose", "tenant");
    imp_put_end(&w);
    imp_put_end(&w);
    imp_put_end(&w);
    return imp_put_finish(&w);
}
