/* SPDX-License-Identifier: Apache-2.0
 * What stands in a node before its member starts: the user that the package's script would have made, certificates, settings, the service. */
#include "etcd.h"

#define PKI "/etc/etcd/pki/"

static const char preparation[] =
    "getent group etcd >/dev/null || groupadd --system etcd\n"
    "getent passwd etcd >/dev/null || useradd --system --gid etcd --no-create-home --home-dir /var/lib/etcd --shell /usr/sbin/nologin etcd\n"
    "install -d -m 0750 -o root -g etcd /etc/etcd " PKI "\n"
    "install -d -m 0700 -o etcd -g etcd /var/lib/etcd\n";

imp_status prepare(const imp_task *t, imp_node *const *nodes, size_t count) {
    imp_run *runs = imp_arena_take(t->arena, (count + 1) * sizeof *runs);
    if (!runs) return IMP_EXHAUSTED;
    const char *const *argv = IMP_ARGV("sh", "-euc", preparation);
    for (size_t i = 0; i < count; i++) runs[i] = (imp_run){.node = nodes[i], .argv = argv};
    imp_status status = imp_run_all(t, runs, count);
    for (size_t i = 0; i < count && status == IMP_OK; i++) status = imp_run_expect(t, &runs[i], "be prepared");
    return status;
}

static void put_profile_head(imp_writer *w, const char *authority, imp_str common_name) {
    imp_put_object(w, NULL);
    imp_put_cstr(w, "ca", authority);
    imp_put_text(w, "cn", common_name);
    imp_put_integer(w, "ttl", (int64_t)10 * 365 * 86400);
}

static imp_status peer_pair(const imp_task *t, const imp_node *node, imp_pair *pair) {
    imp_writer w = imp_task_writer(t);
    put_profile_head(&w, "peer", node->name);
    imp_put_array(&w, "ips");
    imp_put_text(&w, NULL, node->address);
    imp_put_end(&w);
    imp_put_end(&w);
    return imp_pair_get(t, imp_textf(t->arena, "peer-%.*s", IMP_F(node->id)).ptr, imp_put_view(&w), pair);
}

static bool is_ipv4(imp_str text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] != '.' && (text.ptr[i] < '0' || text.ptr[i] > '9')) return false;
    return text.len > 0;
}

/* For every name that the member is reached by: its own address, the loopback of its node, and where tenants find the endpoint. Its common name is no
 * user's, so that it opens nothing as a client. */
static imp_status server_pair(const imp_task *t, const imp_node *node, imp_pair *pair) {
    imp_str hosts[64];
    size_t count = 0;
    uint32_t digest = 2166136261u;
    for (const imp_json *endpoint = imp_json_first(imp_json_at(t->document, "/endpoints")); endpoint; endpoint = endpoint->next)
        for (const imp_json *item = imp_json_first(imp_json_at(endpoint, "/addresses")); item && count < 64; item = item->next) {
            imp_str address = imp_json_text(item), name = {address.ptr, address.len};
            while (name.len && name.ptr[name.len - 1] != ':') name.len--;
            if (!name.len--) continue;
            bool is_known = imp_str_is(name, "127.0.0.1") || imp_str_is(name, "localhost") || imp_str_same(name, node->address);
            for (size_t i = 0; i < count; i++) is_known = is_known || imp_str_same(hosts[i], name);
            if (is_known) continue;
            for (size_t i = 0; i < name.len; i++) digest = (digest ^ (uint8_t)name.ptr[i]) * 16777619u;
            hosts[count++] = name;
        }
    imp_writer w = imp_task_writer(t);
    put_profile_head(&w, "client", imp_textf(t->arena, "server %.*s", IMP_F(node->name)));
    imp_put_raw(&w, "usages", imp_str_of("[\"server\"]"));
    imp_put_array(&w, "ips");
    imp_put_text(&w, NULL, node->address);
    imp_put_cstr(&w, NULL, "127.0.0.1");
    for (size_t i = 0; i < count; i++)
        if (is_ipv4(hosts[i])) imp_put_text(&w, NULL, hosts[i]);
    imp_put_end(&w);
    imp_put_array(&w, "dns");
    imp_put_cstr(&w, NULL, "localhost");
    for (size_t i = 0; i < count; i++)
        if (!is_ipv4(hosts[i])) imp_put_text(&w, NULL, hosts[i]);
    imp_put_end(&w);
    imp_put_end(&w);
    return imp_pair_get(t, imp_textf(t->arena, "server-%.*s-%08" PRIx32, IMP_F(node->id), digest).ptr, imp_put_view(&w), pair);
}

static imp_status root_pair(const imp_task *t, imp_pair *pair) {
    imp_writer w = imp_task_writer(t);
    put_profile_head(&w, "client", imp_str_of("root"));
    imp_put_raw(&w, "usages", imp_str_of("[\"client\"]"));
    imp_put_end(&w);
    return imp_pair_get(t, "root", imp_put_view(&w), pair);
}

/* What is each member's own. `initial_cluster` counts only as long as a member has no data. */
static imp_str settings(const imp_task *t, const imp_node *node, imp_str initial_cluster, bool is_new) {
    imp_str address = node->address;
    return imp_textf(t->arena,
                     "ETCD_NAME=%.*s\n"
                     "ETCD_DATA_DIR=/var/lib/etcd\n"
                     "ETCD_LISTEN_PEER_URLS=https://%.*s:%d\n"
                     "ETCD_INITIAL_ADVERTISE_PEER_URLS=https://%.*s:%d\n"
                     "ETCD_LISTEN_CLIENT_URLS=https://0.0.0.0:%d\n"
                     "ETCD_ADVERTISE_CLIENT_URLS=https://%.*s:%d\n"
                     "ETCD_INITIAL_CLUSTER='%.*s'\n"
                     "ETCD_INITIAL_CLUSTER_TOKEN=%.*s\n"
                     "ETCD_INITIAL_CLUSTER_STATE=%s\n",
                     IMP_F(node->name), IMP_F(address), PEER_PORT, IMP_F(address), PEER_PORT, CLIENT_PORT, IMP_F(address), CLIENT_PORT,
                     IMP_F(initial_cluster), IMP_F(imp_json_text(imp_json_at(t->document, "/cluster/id"))), is_new ? "new" : "existing");
}

imp_status configure_members(const imp_task *t, imp_node *const *nodes, size_t count, imp_str initial_cluster, bool is_new) {
    enum { FILES = 10 };
    imp_pair root, peer, server;
    imp_str revoked;
    imp_file *files = imp_arena_take(t->arena, (count + 1) * FILES * sizeof *files);
    const imp_file **list = imp_arena_take(t->arena, (count + 1) * FILES * sizeof *list);
    if (!files || !list) return IMP_EXHAUSTED;
    imp_status status = root_pair(t, &root);
    size_t n = 0;
    for (size_t i = 0; i < count && status == IMP_OK; i++) {
        if ((status = peer_pair(t, nodes[i], &peer)) != IMP_OK || (status = server_pair(t, nodes[i], &server)) != IMP_OK) break;
        if (i == 0 && (status = revocation_list(t, &revoked)) != IMP_OK) break;
        const struct {
            const char *path;
            imp_str bytes;
        } wanted[FILES] = {
            {PKI "peer-ca.pem", peer.ca},     {PKI "peer.pem", peer.cert},     {PKI "peer.key", peer.key}, {PKI "client-ca.pem", server.ca},
            {PKI "server.pem", server.cert},  {PKI "server.key", server.key},  {PKI "root.pem", root.cert}, {PKI "root.key", root.key},
            {PKI "revoked.pem", revoked},     {"/etc/etcd/member", settings(t, nodes[i], initial_cluster, is_new)},
        };
        for (size_t k = 0; k < FILES; k++) {
            /* The key of root is for commands of the node's own root only. */
            bool is_roots = wanted[k].bytes.ptr == root.key.ptr;
            files[n] = (imp_file){.struct_size = sizeof *files, .mode = is_roots ? 0600 : 0640, .node = nodes[i]->id, .path = imp_str_of(wanted[k].path),
                                  .owner = imp_str_of(is_roots ? "root" : "root:etcd"), .bytes = wanted[k].bytes};
            list[n] = &files[n];
            n++;
        }
    }
    return status == IMP_OK && n ? host->node_put(t->call, list, n) : status;
}

/* One declaration for all: what differs is in each node's /etc/etcd/member. The gateway is off because it would act with the server's certificate. */
static imp_str service(const imp_task *t, const char *state) {
    parameters p = parameters_of(t->params);
    imp_writer w = imp_task_writer(t);
    imp_put_object(&w, NULL);
    imp_put_cstr(&w, "name", "etcd");
    imp_put_cstr(&w, "state", state);
    imp_put_raw(&w, "argv",
                imp_str_of("[\"sh\",\"-c\",\"set -a; . /etc/etcd/member; set +a; exec etcd \\\"$@\\\"\",\"etcd\","
                           "\"--enable-grpc-gateway=false\",\"--enable-v2=false\",\"--logger=zap\",\"--log-level=warn\","
                           "\"--client-cert-auth\",\"--trusted-ca-file=" PKI "client-ca.pem\",\"--cert-file=" PKI "server.pem\","
                           "\"--key-file=" PKI "server.key\",\"--client-crl-file=" PKI "revoked.pem\","
                           "\"--peer-client-cert-auth\",\"--peer-trusted-ca-file=" PKI "peer-ca.pem\",\"--peer-cert-file=" PKI "peer.pem\","
                           "\"--peer-key-file=" PKI "peer.key\"]"));
    imp_put_cstr(&w, "user", "etcd");
    imp_put_object(&w, "env");
    imp_put_textf(&w, "ETCD_QUOTA_BACKEND_BYTES", "%" PRId64, p.quota_mib * MIB);
    imp_put_cstr(&w, "ETCD_AUTO_COMPACTION_MODE", "periodic");
    imp_put_textf(&w, "ETCD_AUTO_COMPACTION_RETENTION", "%" PRId64 "h", p.compaction_hours);
    imp_put_end(&w);
    imp_put_end(&w);
    return imp_put_view(&w);
}

imp_status start(const imp_task *t, imp_node *const *nodes, size_t count) {
    imp_str ids = imp_str_of("");
    for (size_t i = 0; i < count; i++) ids = imp_textf(t->arena, "%.*s%s%.*s", IMP_F(ids), i ? "," : "", IMP_F(nodes[i]->id));
    return count ? host->node_service(t->call, ids, service(t, "running")) : IMP_OK;
}

imp_status stop_and_wipe(const imp_task *t, imp_node *node) {
    imp_status status = host->node_service(t->call, node->id, service(t, "absent"));
    return status == IMP_OK ? imp_run_one(t, node, IMP_ARGV("rm", "-rf", "/var/lib/etcd/member"), "forget its data", NULL) : status;
}
