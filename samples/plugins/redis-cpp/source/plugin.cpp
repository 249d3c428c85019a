/* SPDX-License-Identifier: Apache-2.0
 * The descriptor: what the host is told of the type and its operations. */
#include "redis.hpp"

static imp::PluginInfo plugin_info() {
    imp::PluginInfo plugin{"redis", "0.1.0", "Impresario samples", "Apache-2.0"};
    plugin.packages = {"redis-server", "redis-sentinel", "redis-tools"};
    return plugin;
}

static imp::TypeInfo type_info() {
    imp::TypeInfo type;
    type.id = "redis";
    type.name = "Redis";
    type.summary = "One primary, replicas and sentinels behind TLS, with a user for each binding.";
    type.description_md = "Every node holds all data. When the primary is lost the sentinels, one on each node, let a replica take over; the lost node comes back as a "
                          "replica. `credentials` makes a user for the plain `redis-cli`; `revoke` deletes it and closes its connections.";
    type.capabilities = {"resize", "repair", "bindings"};
    type.create_schema = Redis::create_schema;
    type.update_schema = Redis::update_schema;
    type.binding_schema = Redis::binding_schema;
    type.operations.push_back(imp::operation<&Redis::failover>("failover", "Lets a replica take over from the primary, which becomes a replica.", 0,
                                                               {{"primary", "The node that is the primary now."}}));
    type.operations.push_back(imp::operation<&Redis::info>(
        "info", "What a Redis tells of itself.", IMP_O_READONLY | IMP_O_IDEMPOTENT,
        {{"node", "Whose; the primary's when left out."},
         {"section", "Which part.", "\"replication\"",
          R"({"type":"string","enum":["server","clients","memory","persistence","stats","replication","cpu","keyspace"]})"},
         {"told", "Names and values."}}));
    type.operations.push_back(imp::operation<&Redis::set_config>(
        "set-config", "Changes a setting on all nodes, now and for later starts.", IMP_O_IDEMPOTENT,
        {{"setting", "Which one.", nullptr,
          R"({"type":"string","enum":["maxmemory","maxmemory-policy","maxclients","timeout","slowlog-log-slower-than","slowlog-max-len","notify-keyspace-events","hz"]})"},
         {"value", "As redis.conf has it.", nullptr, R"({"type":"string","maxLength":64})"},
         {"changed", "On how many nodes."}}));
    return type;
}

IMP_PLUGIN(Redis, plugin_info, type_info)
