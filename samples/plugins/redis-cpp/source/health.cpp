/* SPDX-License-Identifier: Apache-2.0
 * What the engines' own answers mean. */
#include "redis.hpp"

#include <cstdlib>
#include <ctime>

using imp::Call;
using imp::Json;
using imp::Node;

static std::pair<const char *, std::string> state_of(const Node &node, const Observation &o) {
    if (node.state == "planned") return {"starting", "It is not made yet."};
    if (!node.exists()) return {"down", "It is lost."};
    if (!o.reachable) return {"down", "The node cannot be reached."};
    if (!o.answers) return {"down", "Its Redis does not answer."};
    if (!o.is_synced) return {"starting", "It has not caught up with the primary."};
    if (!o.sentinel_answers) return {"down", "Its sentinel does not answer."};
    return {"ready", ""};
}

Json Redis::health(Call &call) {
    // The digest of the list of users and since when it is so. A list on its way is nothing to tell of.
    auto known = call.state("users-digest").value;
    auto digest = known.substr(0, known.find(' '));
    bool has_settled = std::time(nullptr) - std::atoll(known.c_str() + digest.size()) > 10;
    auto seen = observe(call, digest);
    auto primary = find_primary(call, seen);
    size_t ready = 0, sentinels = 0, synced = 0;
    std::string version;
    Json nodes = Json::array(), conditions = Json::array();
    auto condition = [&](const char *type, const char *severity, const std::string &message) {
        conditions.push(Json::object({{"type", type}, {"severity", severity}, {"message", message}}));
    };
    for (auto &o : seen) {
        sentinels += o.sentinel_answers;
        synced += o.is_synced;
        if (!o.version.empty()) version = o.version;
    }
    bool has_majority = sentinels > call.nodes().size() / 2;
    for (size_t i = 0; i < seen.size(); i++) {
        const Node &node = call.nodes()[i];
        auto [state, reason] = state_of(node, seen[i]);
        bool is_primary = primary && *primary == node;
        if (std::string_view(state) == "ready") ready++;
        Json report = Json::object({{"id", node.id}, {"state", state}, {"removable", primary && has_majority && synced > (seen[i].is_synced ? 1u : 0u)},
                                    {"removal_cost", is_primary ? 100 : seen[i].is_synced ? 10 : 0}});
        if (!reason.empty()) report.set("reason", reason);
        nodes.push(report);
        if (has_settled && seen[i].answers && !digest.empty() && !seen[i].has_users)
            condition("StaleUsers", "warning", "Node '" + node.name + "' was away when credentials changed; issue or revoke any to bring it up to date.");
    }
    if (!primary) condition("NoPrimary", "error", "No primary answers that a majority of the sentinels agree on: nothing can be written.");
    if (!has_majority)
        condition("QuorumLost", "error", std::to_string(sentinels) + " of " + std::to_string(call.nodes().size()) + " sentinels answer: no replica can take over.");
    else if (ready < seen.size())
        condition("ReplicaMissing", "warning", std::to_string(ready) + " of " + std::to_string(seen.size()) + " nodes are ready.");
    const char *health = !primary ? "unhealthy" : ready == seen.size() && conditions.items().empty() ? "healthy" : "degraded";
    Json report = Json::object({{"health", health}, {"conditions", conditions}, {"nodes", nodes}});
    if (!version.empty()) report.set("version", version);
    return report;
}
