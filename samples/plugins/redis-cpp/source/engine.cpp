/* SPDX-License-Identifier: Apache-2.0
 * Asking the engines: each for itself, since the ones that others talk about may not be what they are. */
#include "redis.hpp"

#include <sstream>

using imp::Call;
using imp::Command;
using imp::Node;

/// The password is read where the command runs: arguments can be seen and logged.
static const char client[] = "REDISCLI_AUTH=$(cat /etc/redis/admin.secret) exec timeout 5 redis-cli --no-auth-warning --tls --cacert /etc/redis/ca.pem --user admin "
                             "-h 127.0.0.1 -p \"$0\" \"$@\"";

Command redis_cli(const Node &node, std::vector<std::string> arguments, bool to_sentinel) {
    std::vector<std::string> argv{"sh", "-c", client, std::to_string(to_sentinel ? Redis::sentinel_port : Redis::port)};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return {node, argv};
}

/// One command for all there is to know of a node. What is not there yet says nothing.
static const char look[] = R"sh(
[ -r /etc/redis/admin.secret ] || exit 0
export REDISCLI_AUTH=$(cat /etc/redis/admin.secret)
ask() { timeout 3 redis-cli --no-auth-warning --tls --cacert /etc/redis/ca.pem --user admin -h 127.0.0.1 "$@" 2>/dev/null; }
ask -p 6379 INFO | grep -E '^(redis_version|role|master_link_status|connected_slaves):'
ask -p 26379 SENTINEL GET-MASTER-ADDR-BY-NAME "$0" | head -n 1 | sed 's/^/sentinel:/'
echo "users:$(sha256sum </var/lib/redis/users.acl | cut -d' ' -f1)"
)sh";

std::vector<Observation> observe(const Call &call, const std::string &users_digest) {
    std::vector<Command> commands;
    std::vector<size_t> whose;
    for (size_t i = 0; i < call.nodes().size(); i++) {
        if (!call.nodes()[i].exists()) continue;
        commands.push_back({call.nodes()[i], {"sh", "-c", look, Redis::primary_name}, "", std::chrono::seconds(10)});
        whose.push_back(i);
    }
    std::vector<Observation> seen(call.nodes().size());
    auto outcomes = call.run(commands);
    for (size_t i = 0; i < outcomes.size(); i++) {
        Observation &o = seen[whose[i]];
        o.reachable = outcomes[i].status == IMP_OK;
        std::istringstream lines(outcomes[i].out);
        for (std::string line; std::getline(lines, line);) {
            while (!line.empty() && (line.back() == '\r' || line.back() == '"')) line.pop_back();
            auto colon = line.find(':');
            std::string name = line.substr(0, colon), value = colon == std::string::npos ? "" : line.substr(colon + 1);
            if (name == "redis_version") o.answers = true, o.version = value;
            else if (name == "role") o.is_primary = o.is_synced = value == "master";
            else if (name == "master_link_status") o.is_synced = value == "up";
            else if (name == "connected_slaves") o.replicas = std::atoi(value.c_str());
            else if (name == "users") o.has_users = value == users_digest;
            else if (name == "sentinel" && value.find_first_not_of("0123456789.") == std::string::npos) o.sentinel_answers = true, o.primary = value;
        }
    }
    // One that was the primary until a moment ago holds nothing that counts before it follows the new one.
    auto primary = find_primary(call, seen);
    for (size_t i = 0; i < seen.size(); i++)
        if (seen[i].is_primary && (!primary || !(*primary == call.nodes()[i]))) seen[i].is_synced = false;
    return seen;
}

const Node *find_primary(const Call &call, const std::vector<Observation> &seen) {
    for (size_t i = 0; i < seen.size(); i++) {
        if (!seen[i].is_primary) continue;
        size_t votes = 0, sentinels = 0;
        for (auto &other : seen) {
            sentinels += other.sentinel_answers;
            votes += other.sentinel_answers && other.primary == call.nodes()[i].address;
        }
        if (votes > sentinels / 2) return &call.nodes()[i];
    }
    return nullptr;
}

const Node &need_primary(const Call &call) {
    auto primary = find_primary(call, observe(call));
    if (!primary) throw imp::Problem(IMP_UNAVAILABLE, "redis.no-primary", "The sentinels know no primary that answers; a failover may be going on.");
    return *primary;
}

void await_replication(const Call &call, const std::vector<Node> &nodes) {
    std::string missing;
    for (int round = 0; round < 150; round++) {
        auto seen = observe(call);
        auto primary = find_primary(call, seen);
        missing = primary ? "" : "there is no primary";
        for (size_t i = 0; i < seen.size() && missing.empty(); i++)
            for (auto &node : nodes)
                if (node == call.nodes()[i] && node.exists() && !(seen[i].is_synced && seen[i].sentinel_answers)) missing = node.name + " does not follow it";
        if (missing.empty()) return;
        call.pause(std::chrono::milliseconds(200));
    }
    throw imp::Problem(IMP_UNAVAILABLE, "redis.not-ready", "Replication did not come up in time: " + missing + ".");
}
