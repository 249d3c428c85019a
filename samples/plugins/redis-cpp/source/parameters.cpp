/* SPDX-License-Identifier: Apache-2.0
 * From what a tenant asks for to nodes. Pure: the same input gives the same plan. */
#include "redis.hpp"

#include <algorithm>

using imp::Json;

#define CHANGEABLE \
    R"("memoryMib":{"type":"integer","title":"Memory","description":"Most that the data may take, in MiB.","minimum":8,"maximum":65536,"default":128},)" \
    R"("eviction":{"type":"string","title":"Eviction","description":"What to do when the memory is full.","default":"noeviction",)" \
    R"("enum":["noeviction","allkeys-lru","allkeys-lfu","allkeys-random","volatile-lru","volatile-lfu","volatile-random","volatile-ttl"]})"

const char Redis::create_schema[] = R"({"type":"object","additionalProperties":false,"properties":{
"nodes":{"type":"integer","title":"Nodes","description":"One primary and its replicas: 3 or 5. Each has a sentinel; a majority of them must be there for a failover.","minimum":3,"maximum":5,"default":3},
"flavor":{"type":"string","title":"Flavor","description":"Node size.","default":"small","pattern":"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$","maxLength":63},)" CHANGEABLE "}}";

const char Redis::update_schema[] = R"({"type":"object","additionalProperties":false,"properties":{)" CHANGEABLE "}}";

static const char *const policies[] = {"noeviction",   "allkeys-lru",  "allkeys-lfu",     "allkeys-random",
                                       "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"};

Parameters::Parameters(const Json &json)
    : nodes(json["nodes"].integer(3)), memory_mib(json["memoryMib"].integer(128)), flavor(json["flavor"].text("small")),
      eviction(json["eviction"].text("noeviction")) {}

void Parameters::check(const Json &flavors) const {
    if (nodes != 3 && nodes != 5)
        throw imp::Problem(IMP_INVALID, "redis.no-quorum-size",
                           std::to_string(nodes) + " nodes were asked for; ask for 3 or 5. Sentinels decide by majority, so an even number survives no more losses than one less.",
                           "/nodes");
    if (std::find(std::begin(policies), std::end(policies), eviction) == std::end(policies))
        throw imp::Problem(IMP_INVALID, "redis.eviction", "There is no eviction policy '" + eviction.substr(0, 40) + "'.", "/eviction");
    if (memory_mib < 8 || memory_mib > 65536)
        throw imp::Problem(IMP_INVALID, "redis.memory", "The memory is " + std::to_string(memory_mib) + " MiB; ask for 8 to 65536.", "/memoryMib");
    // A copy of what changes while the file is rewritten, the buffers of the replicas, and the sentinel.
    std::int64_t has = flavors[flavor]["memory"].integer() >> 20;
    if (has && has < memory_mib * 3 / 2 + 64)
        throw imp::Problem(IMP_INVALID, "redis.memory-exceeds-flavor",
                           std::to_string(memory_mib) + " MiB of data need " + std::to_string(memory_mib * 3 / 2 + 64) + " MiB; the flavor '" + flavor + "' has " +
                               std::to_string(has) + ".",
                           "/memoryMib");
}

Json Parameters::json() const { return Json::object({{"nodes", nodes}, {"flavor", flavor}, {"memoryMib", memory_mib}, {"eviction", eviction}}); }

Json Redis::validate(imp::Call &call) {
    const Json &given = call.args()["params"];
    Parameters parameters(given.is_object() ? given : call.params());
    parameters.check(call.args()["flavors"]);
    Json answer = Json::object({{"params", parameters.json()}});
    if (parameters.eviction != "noeviction") answer.set("warnings", Json::array({"With '" + parameters.eviction + "' keys disappear when the memory is full."}));
    return answer;
}

Json Redis::plan(imp::Call &call) {
    Parameters parameters(call.params());
    parameters.check(call.args()["flavors"]);
    return Json::object({
        {"groups", Json::array({Json::object({
                       {"name", group},
                       {"role", group},
                       {"count", parameters.nodes},
                       {"flavor", parameters.flavor},
                       {"packages", Json::array({"redis-server", "redis-sentinel", "redis-tools"})},
                       {"batch", 1},
                       {"spread", Json::object({{"by", "host"}, {"mode", "prefer"}})},
                   })})},
        {"endpoints", Json::array({Json::object({{"name", endpoint}, {"group", group}, {"port", port}, {"expose", "tenant"}})})},
    });
}
