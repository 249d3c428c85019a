/* SPDX-License-Identifier: Apache-2.0
 * The tenants' way in. A binding is a certificate and a user of its name; etcd takes the user from the certificate. To revoke deletes the user, which
 * the members agree on and which ends requests on open connections too, and puts the certificate on the list that each member reads
 * for every new connection: some requests (status, members) ask no user. */
#include "etcd.h"

const char binding_schema[] =
    "{\"type\":\"object\",\"properties\":{\"role\":{\"type\":\"string\",\"title\":\"Role\",\"description\":\"reader: all keys, read only; writer: all keys; "
    "admin: also users, members and snapshots.\",\"enum\":[\"reader\",\"writer\",\"admin\"],\"default\":\"writer\"}}}";

enum { SHORTEST = 60, USUAL = 30 * 86400, LONGEST = 365 * 86400 };

/* Repeating it changes nothing. */
imp_status secure(const imp_task *t, const imp_node *leader) {
    return imp_run_one(t, leader, SCRIPT("roles=$(e role list) users=$(e user list)\n"
                                         "has() { printf '%s\\n' \"$1\" | grep -qx \"$2\"; }\n"
                                         "for role in root reader writer; do has \"$roles\" $role || e role add $role; done\n"
                                         "e role grant-permission reader --prefix read ''\n"
                                         "e role grant-permission writer --prefix readwrite ''\n"
                                         "has \"$users\" root || e user add root --no-password\n"
                                         "e user grant-role root root\n"
                                         "e auth enable", NULL),
                       "switch authentication on", NULL);
}

/* State: {binding: {serials: [hex], expires: seconds since 1970, revoked: bool}}. Written before anything is handed out, so that there is nothing that
 * cannot be revoked; entries that have expired are dropped, since their certificates are refused anyway. */
static imp_status change_bindings(const imp_task *t, imp_str binding, imp_str serial, int64_t expires, bool revoke) {
    int64_t now = (int64_t)time(NULL);
    for (int round = 0; round < 5; round++) {
        imp_out *old = host->out_new(t->call, 0);
        uint64_t version = 0;
        imp_status status = old ? host->state_get(t->call, imp_str_of("bindings"), old, &version) : IMP_EXHAUSTED;
        if (status != IMP_OK && status != IMP_NOT_FOUND) return status;
        const imp_json *all = status == IMP_OK ? imp_json_parse(t->arena, host->out_view(old), NULL) : NULL;
        const imp_json *mine = imp_json_member(all, binding);
        if (!revoke && imp_json_is_true(imp_json_at(mine, "/revoked")))
            return imp_failf(t, IMP_PRECONDITION, "etcd.binding-revoked", "", "These credentials were revoked; ask for new ones.");
        imp_writer w = imp_task_writer(t);
        imp_put_object(&w, NULL);
        for (const imp_json *entry = imp_json_first(all); entry; entry = entry->next)
            if (entry != mine && imp_json_integer(imp_json_at(entry, "/expires"), 0) + 86400 > now) imp_put_value(&w, entry->key.ptr, entry);
        int64_t last = imp_json_integer(imp_json_at(mine, "/expires"), 0);
        imp_put_object(&w, binding.ptr);
        imp_put_array(&w, "serials");
        for (const imp_json *item = imp_json_first(imp_json_at(mine, "/serials")); item; item = item->next) imp_put_value(&w, NULL, item);
        if (serial.len) imp_put_text(&w, NULL, serial);
        imp_put_end(&w);
        imp_put_integer(&w, "expires", last > expires ? last : expires);
        imp_put_bool(&w, "revoked", revoke);
        imp_put_end(&w);
        imp_put_end(&w);
        status = host->state_put(t->call, imp_str_of("bindings"), imp_put_view(&w), version, NULL);
        if (status != IMP_CONFLICT) return status;
    }
    return IMP_CONFLICT;
}

imp_status revocation_list(const imp_task *t, imp_str *pem) {
    imp_out *state = host->out_new(t->call, 0), *list = host->out_new(t->call, 0);
    if (!state || !list) return IMP_EXHAUSTED;
    imp_status status = host->state_get(t->call, imp_str_of("bindings"), state, NULL);
    if (status != IMP_OK && status != IMP_NOT_FOUND) return status;
    const imp_json *all = status == IMP_OK ? imp_json_parse(t->arena, host->out_view(state), NULL) : NULL;
    size_t most = 0, count = 0;
    for (const imp_json *entry = imp_json_first(all); entry; entry = entry->next) {
        const imp_json *serials = imp_json_at(entry, "/serials");
        most += serials ? serials->count : 0;
    }
    imp_str *serials = imp_arena_take(t->arena, (most + 1) * sizeof *serials);
    if (!serials) return IMP_EXHAUSTED;
    for (const imp_json *entry = imp_json_first(all); entry; entry = entry->next)
        for (const imp_json *item = imp_json_first(imp_json_at(entry, "/serials")); item && imp_json_is_true(imp_json_at(entry, "/revoked")); item = item->next)
            serials[count++] = imp_json_text(item);
    status = host->revocation_list(t->call, imp_str_of("client"), serials, count, list);
    *pem = host->out_view(list);
    return status;
}

/* Every member that there is gets the list, also behind one that cannot be reached: what was missed is told at the end, and tried again. */
static imp_status spread_list(const imp_task *t) {
    imp_str pem, missed = {NULL, 0};
    imp_status status = revocation_list(t, &pem);
    for (size_t i = 0; i < t->count && status == IMP_OK; i++) {
        if (!imp_node_exists(&t->nodes[i])) continue;
        imp_file file = {.struct_size = sizeof file, .mode = 0640, .node = t->nodes[i].id, .path = imp_str_of("/etc/etcd/pki/revoked.pem"),
                         .owner = imp_str_of("root:etcd"), .bytes = pem};
        const imp_file *files[] = {&file};
        status = host->node_put(t->call, files, 1);
        if (status == IMP_UNAVAILABLE) missed = t->nodes[i].name, status = IMP_OK;
    }
    if (status != IMP_OK || !missed.len) return status;
    return imp_failf(t, IMP_UNAVAILABLE, "etcd.list-missed", "", "The user is deleted, so nothing can be read or written any more, but member '%.*s' could not be "
                                                                 "told to refuse the certificate; revoke again when it is back.", IMP_F(missed));
}

static void put_time(imp_writer *w, const char *key, int64_t seconds) {
    char text[32];
    time_t time = (time_t)seconds;
    struct tm parts;
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &parts));
    imp_put_cstr(w, key, text);
}

static void put_endpoints(const imp_task *t, imp_writer *w) {
    imp_str text = imp_str_of("");
    for (const imp_json *endpoint = imp_json_first(imp_json_at(t->document, "/endpoints")); endpoint; endpoint = endpoint->next)
        for (const imp_json *address = imp_json_first(imp_json_at(endpoint, "/addresses")); address; address = address->next)
            text = imp_textf(t->arena, "%.*s%shttps://%.*s", IMP_F(text), text.len ? "," : "", IMP_F(imp_json_text(address)));
    imp_put_text(w, "ETCDCTL_ENDPOINTS", text);
}

imp_status credentials(imp_call *call, imp_str in, imp_out *out) {
    IMP_ARENA(arena);
    imp_task t;
    imp_status status = imp_task_begin(&t, host, call, &arena, in);
    if (status != IMP_OK) return status;
    imp_str binding = imp_json_text(imp_json_at(t.args, "/binding")), role = imp_json_text(imp_json_at(t.args, "/role"));
    int64_t ttl = imp_json_integer(imp_json_at(t.args, "/ttl"), USUAL), expires = (int64_t)time(NULL) + ttl;
    if (!role.len || imp_str_is(role, "default")) role = imp_str_of("writer");
    if (!binding.len || binding.len > 64 || imp_str_is(binding, "root"))
        return imp_failf(&t, IMP_INVALID, "etcd.binding", "/binding", "A binding has an id of 1 to 64 characters that is not 'root'.");
    if (!imp_str_is(role, "reader") && !imp_str_is(role, "writer") && !imp_str_is(role, "admin"))
        return imp_failf(&t, IMP_INVALID, "etcd.unknown-role", "/role", "The role is '%.*s'; it must be 'reader', 'writer' or 'admin'.", IMP_F(role));
    if (ttl < SHORTEST || ttl > LONGEST)
        return imp_failf(&t, IMP_INVALID, "etcd.lifetime", "/ttl", "Credentials last from 1 minute to 365 days; %" PRId64 " s were asked for.", ttl);
    imp_node *leader;
    observation *seen;
    if ((status = need_leader(&t, &leader, &seen)) != IMP_OK) return status;

    imp_writer profile = imp_task_writer(&t);
    imp_put_object(&profile, NULL);
    imp_put_cstr(&profile, "ca", "client");
    imp_put_text(&profile, "cn", binding);
    imp_put_raw(&profile, "usages", imp_str_of("[\"client\"]"));
    imp_put_integer(&profile, "ttl", ttl);
    imp_put_bool(&profile, "fresh", true);
    imp_put_end(&profile);
    imp_pair pair;
    status = imp_pair_get(&t, imp_textf(&arena, "binding-%.*s", IMP_F(binding)).ptr, imp_put_view(&profile), &pair);
    if (status == IMP_OK) status = change_bindings(&t, binding, pair.serial, expires, false);
    if (status != IMP_OK) return status;
    status = imp_run_one(&t, leader, SCRIPT("e user list | grep -qxF -- \"$1\" || e user add \"$1\" --no-password\ne user grant-role \"$1\" \"$2\"",
                                            binding.ptr, imp_str_is(role, "admin") ? "root" : role.ptr), "make a user", NULL);
    if (status != IMP_OK) return status;

    imp_writer w = imp_writer_to(host, out);
    imp_put_object(&w, NULL);
    imp_put_object(&w, "files");
    imp_put_text(&w, "ca.pem", pair.ca);
    imp_put_text(&w, "cert.pem", pair.cert);
    imp_put_text(&w, "key.pem", pair.key);
    imp_put_end(&w);
    imp_put_object(&w, "env");
    imp_put_cstr(&w, "ETCDCTL_API", "3");
    put_endpoints(&t, &w);
    imp_put_cstr(&w, "ETCDCTL_CACERT", "${dir}/ca.pem");
    imp_put_cstr(&w, "ETCDCTL_CERT", "${dir}/cert.pem");
    imp_put_cstr(&w, "ETCDCTL_KEY", "${dir}/key.pem");
    imp_put_end(&w);
    put_time(&w, "expires_at", expires);
    imp_put_end(&w);
    return imp_put_finish(&w);
}

imp_status revoke(imp_call *call, imp_str in, imp_out *out) {
    (void)out;
    IMP_ARENA(arena);
    imp_task t;
    imp_status status = imp_task_begin(&t, host, call, &arena, in);
    if (status != IMP_OK) return status;
    imp_str binding = imp_json_text(imp_json_at(t.args, "/binding"));
    if (!binding.len || imp_str_is(binding, "root")) return imp_failf(&t, IMP_INVALID, "etcd.binding", "/binding", "There is no such binding.");
    imp_node *leader;
    observation *seen;
    if ((status = change_bindings(&t, binding, (imp_str){NULL, 0}, (int64_t)time(NULL), true)) != IMP_OK) return status;
    if ((status = need_leader(&t, &leader, &seen)) != IMP_OK) return status;
    status = imp_run_one(&t, leader, SCRIPT("said=$(e user delete \"$1\" 2>&1) || case $said in *'not found'*) ;; *) echo \"$said\" >&2; exit 1 ;; esac",
                                            binding.ptr), "delete a user", NULL);
    return status == IMP_OK ? spread_list(&t) : status;
}
