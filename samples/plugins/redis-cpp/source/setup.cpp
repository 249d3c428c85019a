/* SPDX-License-Identifier: Apache-2.0
 * What stands in a node before its Redis starts. Redis and sentinel rewrite their own files, in which failovers are remembered; so those are put once, and
 * what the engines made of them stays. */
#include "redis.hpp"

#include <set>
#include <sys/random.h>

using imp::Call;
using imp::Command;
using imp::File;
using imp::Json;
using imp::Node;

static const char preparation[] =
    "getent group redis >/dev/null || groupadd --system redis\n"
    "getent passwd redis >/dev/null || useradd --system --gid redis --no-create-home --home-dir /var/lib/redis --shell /usr/sbin/nologin redis\n"
    "install -d -m 0750 -o root -g redis /etc/redis\n"
    "install -d -m 0750 -o redis -g redis /var/lib/redis\n"
    "[ ! -s /var/lib/redis/sentinel.conf ] || echo present";

std::string random_text() {
    unsigned char bytes[24];
    if (getrandom(bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes)) throw imp::Problem(IMP_UNAVAILABLE, "random", "There is no randomness now.");
    std::string text;
    for (unsigned char byte : bytes) text += "0123456789abcdef"[byte >> 4], text += "0123456789abcdef"[byte & 15];
    return text;
}

std::string password(const Call &call, const std::string &name) {
    auto found = call.secret(name);
    if (found.version) return found.value;
    std::string fresh = random_text();
    call.put_secret(name, fresh, 0);
    return fresh;
}

/// For every name that the node is reached by: its own address, its loopback, and where tenants find the endpoint.
static imp::KeyPair server_pair(const Call &call, const Node &node) {
    std::set<std::string> ips{node.address, "127.0.0.1"}, names{"localhost"};
    for (auto &endpoint : call.document()["endpoints"].items())
        for (auto &address : endpoint["addresses"].items()) {
            std::string host(address.text().substr(0, address.text().rfind(':')));
            if (!host.empty()) (host.find_first_not_of("0123456789.") == std::string::npos ? ips : names).insert(host);
        }
    Json dns = Json::array(), addresses = Json::array();
    std::uint64_t digest = 0xcbf29ce484222325;
    for (auto &name : names) dns.push(name);
    for (auto &ip : ips) {
        addresses.push(ip);
        for (char c : ip) digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    return call.key_pair("server-" + node.id + "-" + std::to_string(digest % 1000000007),
                         Json::object({{"ca", "redis"}, {"cn", node.name}, {"ips", addresses}, {"dns", dns}, {"ttl", 10 * 365 * 86400}}));
}

/// Ends with what the engines may change; they write behind it.
static std::string redis_conf(const Call &call, const Node &node, const std::string &primary, const std::string &secret) {
    Parameters parameters(call.params());
    std::string text = "port 0\ntls-port 6379\nbind 0.0.0.0\nprotected-mode no\ntls-replication yes\ntls-auth-clients no\n"
                       "tls-cert-file /etc/redis/server.pem\ntls-key-file /etc/redis/server.key\ntls-ca-cert-file /etc/redis/ca.pem\n"
                       "dir /var/lib/redis\nappendonly yes\nappendfsync everysec\nsave \"\"\naclfile /var/lib/redis/users.acl\n"
                       "masteruser replica\nmasterauth " + secret + "\nreplica-announce-ip " + node.address + "\n"
                       "min-replicas-to-write 0\nrepl-diskless-sync-delay 0\n"
                       "maxmemory " + std::to_string(parameters.memory_mib) + "mb\nmaxmemory-policy " + parameters.eviction + "\n";
    return node.address == primary ? text : text + "replicaof " + primary + " 6379\n";
}

static std::string sentinel_conf(const Node &node, const std::string &primary, size_t quorum, const std::string &admin, const std::string &replica) {
    std::string name = Redis::primary_name;
    return "port 0\ntls-port 26379\nbind 0.0.0.0\nprotected-mode no\ntls-replication yes\ntls-auth-clients no\n"
           "tls-cert-file /etc/redis/server.pem\ntls-key-file /etc/redis/server.key\ntls-ca-cert-file /etc/redis/ca.pem\n"
           "dir /var/lib/redis\nsentinel announce-ip " + node.address + "\nuser default off\nuser admin on >" + admin + " ~* &* +@all\n"
           "sentinel sentinel-user admin\nsentinel sentinel-pass " + admin + "\n"
           "sentinel monitor " + name + " " + primary + " 6379 " + std::to_string(quorum) + "\nsentinel auth-user " + name + " replica\n"
           "sentinel auth-pass " + name + " " + replica + "\nsentinel down-after-milliseconds " + name + " 4000\n"
           "sentinel failover-timeout " + name + " 15000\nsentinel parallel-syncs " + name + " 1\n";
}

static Json service(const char *name, const char *state, std::vector<std::string> argv) {
    Json words = Json::array();
    for (auto &word : argv) words.push(word);
    Json specification = Json::object({{"name", name}, {"state", state}, {"argv", words}});
    return std::string_view(name) == "redis-expiry" ? specification : specification.set("user", "redis");
}

/// Ends users whose time is over; what is in the core's record goes with the next change.
static const char expiry[] = R"sh(
while sleep 5; do
    now=$(date +%s)
    while read -r at user; do
        [ "$at" -gt "$now" ] || REDISCLI_AUTH=$(cat /etc/redis/admin.secret) redis-cli --no-auth-warning --tls --cacert /etc/redis/ca.pem --user admin \
            -h 127.0.0.1 ACL DELUSER "$user" >/dev/null 2>&1
    done </etc/redis/expiries
done)sh";

static void declare(const Call &call, const std::vector<Node> &nodes, const char *state) {
    call.service(nodes, service("redis", state, {"redis-server", "/var/lib/redis/redis.conf"}));
    call.service(nodes, service("redis-sentinel", state, {"redis-sentinel", "/var/lib/redis/sentinel.conf"}));
    call.service(nodes, service("redis-expiry", state, {"sh", "-c", expiry}));
}

void set_up(const Call &call, const std::vector<Node> &nodes, const std::string &primary) {
    std::string admin = password(call, "admin"), replica = password(call, "replica");
    Json bindings = Json::parse(call.secret("bindings").value).value_or(Json::object());
    std::vector<Command> commands;
    for (auto &node : nodes) commands.push_back({node, {"sh", "-euc", preparation}});
    auto prepared = call.expect(commands, "be prepared");
    std::string users = users_file(call, bindings);
    std::vector<File> files;
    for (size_t i = 0; i < nodes.size(); i++) {
        const Node &node = nodes[i];
        auto pair = server_pair(call, node);
        files.push_back({node, "/etc/redis/ca.pem", pair.ca, 0644});
        files.push_back({node, "/etc/redis/server.pem", pair.cert, 0640, "root:redis"});
        files.push_back({node, "/etc/redis/server.key", pair.key, 0640, "root:redis"});
        files.push_back({node, "/etc/redis/admin.secret", admin, 0600});
        files.push_back({node, "/etc/redis/expiries", expiries(bindings), 0600});
        files.push_back({node, "/var/lib/redis/users.acl", users, 0600, "redis:redis"});
        // The sentinel's file is the last: with it the node is set up, and the engines' own changes count from then on.
        if (prepared[i].out.find("present") != std::string::npos) continue;
        files.push_back({node, "/var/lib/redis/redis.conf", redis_conf(call, node, primary, replica), 0600, "redis:redis"});
        files.push_back({node, "/var/lib/redis/sentinel.conf", sentinel_conf(node, primary, call.nodes().size() / 2 + 1, admin, replica), 0600, "redis:redis"});
    }
    call.put(files);
    declare(call, nodes, "running");
}

void take_down(const Call &call, const Node &node) {
    declare(call, {node}, "absent");
    call.expect(Command{node, {"sh", "-c", "rm -rf /var/lib/redis /etc/redis"}}, "forget its data");
}
