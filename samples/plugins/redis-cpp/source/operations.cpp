/* SPDX-License-Identifier: Apache-2.0
 * What can be done with a cluster beside making and using it: `imp cluster do NAME failover` and so on. */
#include "redis.hpp"

#include <algorithm>
#include <sstream>

using imp::Call;
using imp::Command;
using imp::Json;
using imp::Node;

void Redis::failover(Call &call, imp::Out<Node> primary) {
    Node old = need_primary(call);
    auto outcome = call.run(redis_cli(old, {"SENTINEL", "FAILOVER", primary_name}, true));
    if (!outcome.succeeded() || outcome.out.rfind("OK", 0) != 0) {
        if (outcome.out.find("INPROG") == std::string::npos)
            throw imp::Problem(IMP_UNAVAILABLE, "redis.failover-refused", "The sentinels cannot fail over now.", "", outcome.out + outcome.err);
    }
    for (int round = 0; round < 150; round++) {
        call.pause(std::chrono::milliseconds(300));
        auto seen = observe(call);
        auto now = find_primary(call, seen);
        if (!now || *now == old) continue;
        primary = *now;
        return await_replication(call, call.nodes());
    }
    throw imp::Problem(IMP_UNAVAILABLE, "redis.no-failover", "No replica took over in time.");
}

void Redis::info(Call &call, std::optional<Node> node, std::string_view section, imp::Out<Json> told) {
    const Node *whose = node ? call.find(node->id) : &need_primary(call);
    if (!whose) throw imp::Problem(IMP_NOT_FOUND, "redis.no-node", "There is no such node.", "/node");
    std::istringstream lines(call.expect(redis_cli(*whose, {"-e", "INFO", std::string(section)}), "tell of itself"));
    Json answer = Json::object({{"node", whose->id}});
    for (std::string line; std::getline(lines, line);) {
        if (!line.empty() && line.back() == '\r') line.pop_back();
        auto colon = line.find(':');
        if (colon != std::string::npos && line[0] != '#') answer.set(line.substr(0, colon), line.substr(colon + 1));
    }
    told = answer;
}

void Redis::set_config(Call &call, std::string_view setting, std::string_view value, imp::Out<std::int32_t> changed) {
    static const char *const known[] = {"maxmemory",  "maxmemory-policy",        "maxclients",      "timeout",
                                        "slowlog-log-slower-than", "slowlog-max-len", "notify-keyspace-events", "hz"};
    if (std::find(std::begin(known), std::end(known), setting) == std::end(known))
        throw imp::Problem(IMP_INVALID, "redis.unknown-setting", "'" + std::string(setting.substr(0, 40)) + "' is no setting that can be changed here.", "/setting");
    if (value.find_first_of("\r\n") != std::string_view::npos) throw imp::Problem(IMP_INVALID, "redis.value", "A value is one line.", "/value");
    std::vector<Command> set, keep;
    for (auto &node : call.nodes())
        if (node.exists()) {
            set.push_back(redis_cli(node, {"-e", "CONFIG", "SET", std::string(setting), std::string(value)}));
            keep.push_back(redis_cli(node, {"-e", "CONFIG", "REWRITE"}));
        }
    // Redis knows best what is right: its own words are the tenant's.
    for (auto &outcome : call.run(set))
        if (outcome.status == IMP_OK && (outcome.out + outcome.err).find("ERR") != std::string::npos)
            throw imp::Problem(IMP_INVALID, "redis.value", "Redis refuses it: " + (outcome.out + outcome.err).substr(0, 200), "/value");
    call.expect(set, "take the setting");
    call.expect(keep, "keep the setting");
    changed = static_cast<std::int32_t>(set.size());
}
