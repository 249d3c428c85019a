/* SPDX-License-Identifier: Apache-2.0
 * Redis with Sentinel: one primary, replicas that take over, and on each node a sentinel that votes about it. */
#pragma once

#include <impresario/plugin.hpp>

/// What one node's Redis and sentinel tell of themselves.
struct Observation {
    bool reachable = false; ///< the node
    bool answers = false;   ///< its Redis
    bool is_primary = false, is_synced = false;
    int replicas = 0;              ///< that a primary has
    std::string version;
    bool sentinel_answers = false; ///< its sentinel
    std::string primary;           ///< address of the primary, as this sentinel knows it
    bool has_users = false;        ///< knows the users as they are now
};

/// What a tenant can say.
struct Parameters {
    std::int64_t nodes, memory_mib;
    std::string flavor, eviction;

    explicit Parameters(const imp::Json &json);
    void check(const imp::Json &flavors) const;
    imp::Json json() const;
};

struct Redis : imp::Type {
    static constexpr int port = 6379, sentinel_port = 26379;
    static constexpr const char *group = "redis", *endpoint = "redis", *primary_name = "cluster";

    imp::Json validate(imp::Call &call) override;
    imp::Json plan(imp::Call &call) override;
    imp::Json bootstrap(imp::Call &call) override;
    imp::Json join(imp::Call &call) override;
    void leave(imp::Call &call) override;
    imp::Json health(imp::Call &call) override;
    imp::Json credentials(imp::Call &call) override;
    void revoke(imp::Call &call) override;
    void configure(imp::Call &call) override;
    /// All that a cluster has lives in its nodes.
    void destroy(imp::Call &) override {}

    // Typed operations.
    void failover(imp::Call &call, imp::Out<imp::Node> primary);
    void info(imp::Call &call, std::optional<imp::Node> node, std::string_view section, imp::Out<imp::Json> told);
    void set_config(imp::Call &call, std::string_view setting, std::string_view value, imp::Out<std::int32_t> changed);

    static const char create_schema[], update_schema[], binding_schema[];
};

// engine.cpp: asking Redis and its sentinels, through redis-cli in their own nodes.

/// Arguments for this node's Redis, or with `to_sentinel` for its sentinel.
imp::Command redis_cli(const imp::Node &node, std::vector<std::string> arguments, bool to_sentinel = false);
/// By index of the call's nodes.
std::vector<Observation> observe(const imp::Call &call, const std::string &users_digest = "");
/// The node that the sentinels agree is the primary and that says so itself; null when there is none.
const imp::Node *find_primary(const imp::Call &call, const std::vector<Observation> &seen);
const imp::Node &need_primary(const imp::Call &call);
/// Waits until there is a primary that all of the nodes follow.
void await_replication(const imp::Call &call, const std::vector<imp::Node> &nodes);

// setup.cpp: what stands in a node before its Redis starts.

void set_up(const imp::Call &call, const std::vector<imp::Node> &nodes, const std::string &primary_address);
void take_down(const imp::Call &call, const imp::Node &node);
/// A secret of the cluster, drawn when it is first asked for.
std::string password(const imp::Call &call, const std::string &name);
std::string random_text();

// users.cpp: a user of Redis for each binding. The core's record decides who there is; nodes get all of it each time.

/// What each node's list of users must be now.
std::string users_file(const imp::Call &call, const imp::Json &bindings);
void spread_users(const imp::Call &call, const std::vector<imp::Node> &nodes, const imp::Json &bindings);
std::string expiries(const imp::Json &bindings);
