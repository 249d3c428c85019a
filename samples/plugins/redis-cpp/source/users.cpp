/* SPDX-License-Identifier: Apache-2.0
 * The tenants' way in: a user of Redis for each binding. Redis does not replicate users, so the core keeps them (a secret: {binding: {role, hash, expires,
 * revoked}}) and every node gets the whole list; loading it closes the connections of users that are gone. */
#include "redis.hpp"

#include <ctime>

using imp::Call;
using imp::Command;
using imp::File;
using imp::Json;
using imp::Node;

const char Redis::binding_schema[] = R"({"type":"object","properties":{"role":{"type":"string","title":"Role",
"description":"reader: all keys, read only; writer: all keys and commands that do not manage the server.","enum":["reader","writer"],"default":"writer"}}})";

static constexpr std::int64_t shortest = 60, usual = 30 * 86400, longest = 365 * 86400;

static const char *rules(std::string_view role) {
    return role == "reader" ? "~* &* -@all +@read +@connection +@pubsub +info -@dangerous" : "~* &* +@all -@admin -@dangerous +info +keys +flushdb +sort";
}

/// SHA-256 in hex, by a node: the library has no cryptography of its own.
static std::string hash(const Call &call, const Node &node, const std::string &text) {
    auto outcome = call.expect(std::vector<Command>{{node, {"sha256sum"}, text}}, "hash a text");
    if (outcome[0].out.size() < 64) throw imp::Problem(IMP_UNAVAILABLE, "redis.hash", "A node could not hash a text.");
    return outcome[0].out.substr(0, 64);
}

std::string users_file(const Call &call, const Json &bindings) {
    std::string text = "user default off\nuser admin on >" + password(call, "admin") + " ~* &* +@all\nuser replica on >" + password(call, "replica") +
                       " ~* &* +@all\n";
    for (auto &[name, binding] : bindings.members())
        if (!binding["revoked"].boolean() && binding["expires"].integer() > std::time(nullptr))
            text += "user " + name + " on #" + std::string(binding["hash"].text()) + " " + rules(binding["role"].text()) + "\n";
    return text;
}

std::string expiries(const Json &bindings) {
    std::string text;
    for (auto &[name, binding] : bindings.members()) text += std::to_string(binding["expires"].integer()) + " " + name + "\n";
    return text;
}

void spread_users(const Call &call, const std::vector<Node> &nodes, const Json &bindings) {
    std::string users = users_file(call, bindings);
    // What health compares with, and since when, before the first node has it: one that misses the list is told as behind.
    const Node *hasher = nullptr;
    for (auto &node : nodes)
        if (node.exists() && !hasher && call.run(Command{node, {"true"}}).succeeded()) hasher = &node;
    if (!hasher) throw imp::Problem(IMP_UNAVAILABLE, "redis.no-node", "No node can be reached.");
    auto old = call.state("users-digest");
    call.put_state("users-digest", hash(call, *hasher, users) + " " + std::to_string(std::time(nullptr)), old.version);
    std::string missed;
    for (auto &node : nodes) {
        if (!node.exists()) continue;
        try {
            call.put({{node, "/var/lib/redis/users.acl", users, 0600, "redis:redis"}, {node, "/etc/redis/expiries", expiries(bindings), 0600}});
            call.expect(redis_cli(node, {"-e", "ACL", "LOAD"}), "load its users");
        } catch (const imp::HostFailure &failure) {
            if (failure.status != IMP_UNAVAILABLE) throw;
            missed = node.name;
        } catch (const imp::Problem &problem) {
            if (problem.status != IMP_UNAVAILABLE) throw;
            missed = node.name;
        }
    }
    if (!missed.empty())
        throw imp::Problem(IMP_UNAVAILABLE, "redis.users-missed", "All other nodes have the new list of users, but '" + missed + "' could not be told; try again when it is back.");
}

/// Changes the record, dropping what has expired.
template <class Change>
static Json change_bindings(const Call &call, Change change) {
    return call.change_secret("bindings", [&](Json &all) {
        std::int64_t now = std::time(nullptr);
        const Json old = all;
        for (auto &[name, binding] : old.members())
            if (binding["expires"].integer() + 86400 < now) all.erase(name);
        change(all);
    });
}

Json Redis::credentials(Call &call) {
    std::string binding(call.args()["binding"].text()), role(call.args()["role"].text("writer"));
    std::int64_t ttl = call.args()["ttl"].integer(usual), expires = std::time(nullptr) + ttl;
    if (role == "default" || role.empty()) role = "writer";
    if (role != "reader" && role != "writer") throw imp::Problem(IMP_INVALID, "redis.unknown-role", "The role is '" + role.substr(0, 40) + "'; it must be 'reader' or 'writer'.", "/role");
    bool is_plain = !binding.empty() && binding.size() <= 64 && binding.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
    if (!is_plain || binding == "admin" || binding == "replica" || binding == "default")
        throw imp::Problem(IMP_INVALID, "redis.binding", "A binding has an id of 1 to 64 letters and digits that no user of the cluster has.", "/binding");
    if (ttl < shortest || ttl > longest)
        throw imp::Problem(IMP_INVALID, "redis.lifetime", "Credentials last from 1 minute to 365 days; " + std::to_string(ttl) + " s were asked for.", "/ttl");
    const Node &primary = need_primary(call);
    std::string secret = random_text(), hashed = hash(call, primary, secret);
    auto bindings = change_bindings(call, [&](Json &all) {
        if (all[binding]["revoked"].boolean()) throw imp::Problem(IMP_PRECONDITION, "redis.binding-revoked", "These credentials were revoked; ask for new ones.");
        all.set(binding, Json::object({{"role", role}, {"hash", hashed}, {"expires", expires}, {"revoked", false}}));
    });
    spread_users(call, call.nodes(), bindings);

    // The endpoint's addresses are those of the nodes that exist, in the document's order.
    Json addresses = Json::array();
    for (auto &published : call.document()["endpoints"].items()) addresses = published["addresses"];
    size_t index = 0, chosen = 0;
    for (auto &node : call.nodes()) {
        if (node == primary) chosen = index;
        index += node.exists();
    }
    std::string address(addresses.items().size() > chosen ? addresses.items()[chosen].text() : std::string_view());
    auto colon = address.rfind(':');
    std::string host = colon == std::string::npos ? primary.address : address.substr(0, colon), at = colon == std::string::npos ? "6379" : address.substr(colon + 1);
    std::string ca = call.key_pair("authority", Json::object({{"ca", "redis"}, {"cn", "redis"}, {"is_ca", true}})).ca;
    char until[32];
    std::time_t time = static_cast<std::time_t>(expires);
    std::tm parts{};
    std::strftime(until, sizeof until, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &parts));
    return Json::object({
        {"files", Json::object({{"ca.pem", ca}, {"user", binding}, {"password", secret}, {"host", host}, {"port", at},
                                {"endpoints.json", addresses.dump()}})},
        {"env", Json::object({{"REDIS_HOST", host}, {"REDIS_PORT", at}, {"REDIS_USER", binding}, {"REDISCLI_AUTH", secret}, {"REDIS_CACERT", "${dir}/ca.pem"}})},
        {"expires_at", until},
    });
}

void Redis::revoke(Call &call) {
    std::string binding(call.args()["binding"].text());
    auto bindings = change_bindings(call, [&](Json &all) {
        Json entry = all[binding];
        if (!entry.is_null()) all.set(binding, entry.set("revoked", true));
    });
    spread_users(call, call.nodes(), bindings);
}
