/* SPDX-License-Identifier: Apache-2.0
 *
 * The cluster type '@NAME@': nodes that each run one daemon, which answers those who know a token with a greeting. It is small, and it is whole:
 * what is here in one place is what every type does. Put your daemon where this one is.
 *
 * Three rules hold for all of it (impresario/plugin.h has the others):
 *   - Every verb may be called again after it ended anywhere. So it asks what is so, or does what can be done twice; it remembers nothing.
 *   - What must be remembered goes to put_state() and change_secret(). Variables end with the process, which may be at any moment.
 *   - To fail is to throw imp::Problem. A host function that fails throws by itself: let it pass.
 */
#include <impresario/plugin.hpp>

#include <sys/random.h>

#ifndef PLUGIN_VERSION
#define PLUGIN_VERSION "1.0.0"
#endif

using imp::Call;
using imp::File;
using imp::Json;
using imp::Node;

static constexpr int port = 7000;

/* Where the daemon and what it reads are in a node. */
#define FOLDER "/var/lib/@NAME@"

/* The daemon. Nodes have what a Debian base system has; what more yours needs, name in the plan's `packages` and in the descriptor's. */
static const char daemon_text[] = R"perl(#!/usr/bin/perl
# Answers a line that is a token with the greeting. Both files are read for each connection, so they can be changed at any time.
use strict; use IO::Socket::INET;
my ($port, $greeting, $tokens) = @ARGV;
sub slurp { open(my $file, '<', $_[0]) or die "$_[0]: $!\n"; local $/; return scalar <$file> }
my $server = IO::Socket::INET->new(LocalPort => $port, Listen => 16, ReuseAddr => 1) or die "port $port: $!\n";
$SIG{PIPE} = 'IGNORE';
while (1) {
    my $client = $server->accept or next;
    eval {
        local $SIG{ALRM} = sub { die "it says nothing\n" };
        alarm 2;
        my $token = <$client> // '';
        chomp $token;
        my %known = map { $_ => 1 } split /\n/, slurp($tokens);
        print $client $token ne '' && $known{$token} ? slurp($greeting) . "\n" : "unknown token\n";
    };
    alarm 0;
    close $client;
}
)perl";

/* In a node: whether its daemon answers. A node that says so itself is ready, whatever we believe. */
static const char check[] = R"(exec 3<>/dev/tcp/127.0.0.1/$0 && echo check >&3 && read -r -t 3 line <&3 && [ "$line" = 'unknown token' ])";

struct @TYPE@ : imp::Type {
    // MARK: verbs

    /// [pure] The schema has checked kinds and bounds and filled in defaults; here is what a schema cannot say.
    Json validate(Call &call) override {
        const Json &params = call.args()["params"];
        if (params["greeting"].text().find('\n') != std::string_view::npos)
            throw imp::Problem(IMP_INVALID, "greeting-lines", "A greeting is one line.", "/greeting");
        return Json::object({{"params", params}});
    }

    /// [pure] How many nodes of what size, and which ports tenants reach. The same parameters always give the same plan.
    Json plan(Call &call) override {
        return Json::object({
            {"groups", Json::array({Json::object({{"name", "nodes"}, {"role", "node"}, {"count", call.params()["nodes"].integer(3)}, {"flavor", "small"}})})},
            {"endpoints", Json::array({Json::object({{"name", "greeting"}, {"group", "nodes"}, {"port", port}, {"expose", "tenant"}})})},
        });
    }

    /// [write] Sees all nodes and makes the smallest working cluster. No node here waits for another, so that is all of them.
    Json bootstrap(Call &call) override {
        set_up(call, existing(call.nodes()));
        return imp::joined(call.nodes());
    }

    /// [write] The nodes named in args become members of a cluster that works.
    Json join(Call &call) override {
        auto nodes = existing(call.named_nodes());
        set_up(call, nodes);
        return imp::joined(nodes);
    }

    /// [write] The core destroys the nodes that leave; here others would be told of it. Nobody needs to know.
    void leave(Call &) override {}

    /// [read] Every few seconds: one command in each node, all at once.
    Json health(Call &call) override {
        auto nodes = existing(call.nodes());
        std::vector<imp::Command> commands;
        for (auto &node : nodes) commands.push_back({node, {"bash", "-c", check, std::to_string(port)}, "", std::chrono::seconds(10)});
        auto outcomes = call.run(commands);
        Json reports = Json::array();
        size_t ready = 0;
        for (size_t i = 0; i < nodes.size(); i++) {
            bool is_ready = outcomes[i].succeeded();
            Json report = Json::object({{"id", nodes[i].id}, {"state", is_ready ? "ready" : "down"}});
            if (!is_ready) report.set("reason", outcomes[i].status == IMP_OK ? "The daemon does not answer." : "The node does not answer.");
            reports.push(report);
            ready += is_ready;
        }
        return Json::object({{"health", ready == call.nodes().size() ? "healthy" : ready ? "degraded" : "unhealthy"}, {"nodes", reports}});
    }

    /// [write] {binding, role, ttl}: files and environment for the tenant. The same binding gets the same token again.
    Json credentials(Call &call) override {
        std::string binding(call.args()["binding"].text());
        Json tokens = call.change_secret("tokens", [&](Json &all) {
            if (all[binding].is_null()) all.set(binding, random_text());
        });
        call.put(token_files(existing(call.nodes()), tokens));
        std::string address;
        for (auto &endpoint : call.document()["endpoints"].items())
            for (auto &item : endpoint["addresses"].items())
                if (address.empty()) address = item.text();
        return Json::object({{"files", Json::object({{"token", std::string(tokens[binding].text()) + "\n"}})},
                             {"env", Json::object({{"@ENV@_ADDRESS", address}, {"@ENV@_TOKEN_FILE", "${dir}/token"}})}});
    }

    /// [write] {binding}: its token ends. A second time there is nothing to do.
    void revoke(Call &call) override {
        Json tokens = call.change_secret("tokens", [&](Json &all) { all.erase(call.args()["binding"].text()); });
        call.put(token_files(existing(call.nodes()), tokens));
    }

    /// [write] After parameters changed, and after another version of this plugin took over: the files of this version, and the daemon with them.
    void configure(Call &call) override { set_up(call, existing(call.nodes())); }

    /// [write] Nothing of the cluster lives outside its nodes, which the core destroys.
    void destroy(Call &) override {}

    // MARK: an operation of this type's own: imp cluster do NAME set-greeting --text "Good morning"

    void set_greeting(Call &call, std::string_view text, imp::Out<std::uint32_t> count) {
        // Compare and swap: whoever came between is told as a conflict, not overwritten unseen.
        call.put_state("greeting", text, call.state("greeting").version);
        auto nodes = existing(call.nodes());
        std::vector<File> files;
        for (auto &node : nodes) files.push_back({node, FOLDER "/greeting", std::string(text)});
        call.put(files);
        count = nodes.size();
    }

private:
    /// Nodes that are lost or not made yet are never talked to.
    static std::vector<Node> existing(const std::vector<Node> &nodes) {
        std::vector<Node> found;
        for (auto &node : nodes)
            if (node.exists()) found.push_back(node);
        return found;
    }

    static std::vector<File> token_files(const std::vector<Node> &nodes, const Json &tokens) {
        std::string text;
        for (auto &[binding, token] : tokens.members()) text += std::string(token.text()) + "\n";
        std::vector<File> files;
        for (auto &node : nodes) files.push_back({node, FOLDER "/tokens", text, 0600});
        return files;
    }

    /// Brings nodes to where they should be, from wherever they are: files, then the daemon, which is ready when this returns.
    static void set_up(Call &call, const std::vector<Node> &nodes) {
        auto changed = call.state("greeting");
        std::string greeting(changed.version ? changed.value : std::string(call.params()["greeting"].text()));
        auto files = token_files(nodes, Json::parse(call.secret("tokens").value).value_or(Json()));
        for (auto &node : nodes) {
            files.push_back({node, FOLDER "/daemon", daemon_text, 0755});
            files.push_back({node, FOLDER "/greeting", greeting});
        }
        call.progress(0.1, "putting files");
        call.put(files);
        call.progress(0.5, "starting the daemon");
        // One declaration for all nodes at once; the host keeps the daemon alive from then on, also when a node is restarted.
        call.service(nodes, Json::object({{"name", "@NAME@"},
                                          {"state", "running"},
                                          {"argv", Json::array({FOLDER "/daemon", std::to_string(port), FOLDER "/greeting", FOLDER "/tokens"})},
                                          {"ready", Json::object({{"tcp", port}, {"timeout", 30000}})}}));
    }

    static std::string random_text() {
        unsigned char bytes[16];
        if (getrandom(bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes)) throw imp::Problem(IMP_UNAVAILABLE, "random", "There is no randomness now.");
        std::string text;
        for (unsigned char byte : bytes) text += "0123456789abcdef"[byte >> 4], text += "0123456789abcdef"[byte & 15];
        return text;
    }
};

// MARK: what the host reads once

static imp::PluginInfo plugin_info() {
    imp::PluginInfo plugin{"@NAME@", PLUGIN_VERSION, "Example", "Apache-2.0"};
    plugin.state_format = 1;
    return plugin;
}

static imp::TypeInfo type_info() {
    imp::TypeInfo type;
    type.id = "@NAME@";
    type.name = "@TYPE@";
    type.summary = "Nodes that greet whoever knows a token.";
    type.description_md = "Connect to an endpoint, send a line with the token of your binding, and read the greeting.";
    type.capabilities = {"credentials"};
    type.create_schema = R"({"type":"object","additionalProperties":false,"properties":{
        "nodes":{"type":"integer","minimum":1,"maximum":9,"default":3,"description":"How many nodes."},
        "greeting":{"type":"string","minLength":1,"maxLength":200,"default":"hello","description":"What they answer."}}})";
    type.operations.push_back(imp::operation<&@TYPE@::set_greeting>(
        "set-greeting", "Changes what the nodes answer.", IMP_O_IDEMPOTENT,
        {{"text", "What the nodes answer from now on.", nullptr, R"({"type":"string","minLength":1,"maxLength":200,"pattern":"^[^\n]*$"})"},
         {"nodes", "How many nodes answer it."}}));
    return type;
}

IMP_PLUGIN(@TYPE@, plugin_info, type_info)
