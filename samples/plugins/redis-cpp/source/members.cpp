/* SPDX-License-Identifier: Apache-2.0
 * Who belongs to the cluster. Sentinels find replicas and each other through the primary; so to join is to follow it. */
#include "redis.hpp"

#include <algorithm>

using imp::Call;
using imp::Command;
using imp::Json;
using imp::Node;

Json Redis::bootstrap(Call &call) {
    if (call.nodes().empty()) throw imp::Problem(IMP_INTERNAL, "redis.no-nodes", "There are no nodes.");
    call.progress(0.1, "Preparing the nodes");
    // An earlier attempt may have come so far that there is a primary, and it need not be the first node any more.
    auto primary = find_primary(call, observe(call));
    set_up(call, call.nodes(), primary ? primary->address : call.nodes().front().address);
    call.progress(0.6, "Waiting for the replicas");
    await_replication(call, call.nodes());
    return imp::joined(call.nodes());
}

Json Redis::join(Call &call) {
    auto nodes = call.named_nodes();
    set_up(call, nodes, need_primary(call).address);
    await_replication(call, nodes);
    return imp::joined(nodes);
}

void Redis::leave(Call &call) {
    auto leaving = call.named_nodes();
    std::vector<Node> staying;
    for (auto &node : call.nodes())
        if (std::find(leaving.begin(), leaving.end(), node) == leaving.end()) staying.push_back(node);
    if (staying.empty()) throw imp::Problem(IMP_PRECONDITION, "redis.last-node", "The last node cannot leave; delete the cluster instead.");
    for (auto &node : leaving) {
        // A primary hands over first; one that is lost has been replaced by the sentinels, or will be.
        for (int round = 0; need_primary(call) == node; round++) {
            if (round == 60) throw imp::Problem(IMP_UNAVAILABLE, "redis.no-failover", "No replica took over from " + node.name + ".");
            if (round % 20 == 0) call.run(redis_cli(staying.front(), {"SENTINEL", "FAILOVER", primary_name}, true));
            call.pause(std::chrono::milliseconds(500));
        }
        if (!call.args()["lost"].boolean() && node.exists()) take_down(call, node);
    }
    // Sentinels forget nobody by themselves; each looks around anew, one after the other so that a majority always knows all.
    for (auto &node : staying) {
        if (!node.exists()) continue;
        call.expect({redis_cli(node, {"SENTINEL", "RESET", primary_name}, true),
                     redis_cli(node, {"SENTINEL", "SET", primary_name, "quorum", std::to_string(staying.size() / 2 + 1)}, true)},
                    "forget who has left");
        call.pause(std::chrono::milliseconds(500));
    }
}

/// What may change takes effect without a restart. Also what this version of the plugin puts into nodes, for those that an older one set up.
void Redis::configure(Call &call) {
    const Json &wanted = call.args()["new"];
    Parameters parameters(wanted.is_object() ? wanted : call.params());
    std::vector<Node> nodes;
    for (auto &node : call.nodes())
        if (node.exists()) nodes.push_back(node);
    set_up(call, nodes, need_primary(call).address);
    std::vector<Command> set, keep;
    for (auto &node : nodes) {
        set.push_back(redis_cli(node, {"-e", "CONFIG", "SET", "maxmemory", std::to_string(parameters.memory_mib) + "mb", "maxmemory-policy", parameters.eviction}));
        keep.push_back(redis_cli(node, {"-e", "CONFIG", "REWRITE"}));
    }
    call.expect(set, "take its settings");
    call.expect(keep, "keep its settings");
}
