/* SPDX-License-Identifier: Apache-2.0
 * The same in C++: every kind of parameter through the table that impresario/plugin.hpp deduces, and what is thrown. */
#include <impresario/plugin.hpp>
#include <stdexcept>

using imp::Out;

struct Kinds : imp::Type {
    imp::Json validate(imp::Call &call) override { return imp::Json::object({{"params", call.params()}}); }
    imp::Json plan(imp::Call &) override { return imp::Json::object(); }
    imp::Json health(imp::Call &) override { return imp::Json::object({{"health", "healthy"}}); }
    void destroy(imp::Call &) override {}

    imp::Json bootstrap(imp::Call &call) override {
        auto what = call.params()["do"].text();
        if (what == "problem") throw imp::Problem(IMP_INVALID, "too-few", "at least one", "/members");
        if (what == "runtime") throw std::runtime_error("for the log");
        if (what == "memory") throw std::bad_alloc();
        if (what == "number") throw 7;
        imp::Node one{"n1", "one", "", "", "", "running"}, two{"n2", "two", "", "", "", "running"};
        if (what == "host") call.run(imp::Command{one, {}});
        if (what == "expect") call.expect(std::vector<imp::Command>{{one, {"echo", "hi"}}, {two, {"echo", "hi"}}}, "say hi");
        // More sinks than the host would hold at once: they are used again.
        for (int i = 0; i < 100; i++) call.run(imp::Command{one, {"echo", "hi"}});
        auto outcomes = call.run(std::vector<imp::Command>{{one, {"echo", "hi"}}, {two, {"echo", "hi"}}});
        auto kept = call.change_secret("box", [](imp::Json &box) { box.set("count", box["count"].integer() + 1); });
        return imp::Json::object({{"first", outcomes[0].out}, {"second", outcomes[1].exit_code}, {"cert", call.key_pair("server", imp::Json::object()).cert},
                                  {"params", call.params()}, {"nodes", call.nodes().size()}, {"count", kept["count"]}, {"text", call.get(one, "/etc/x").value_or("")}});
    }

    void all_kinds(imp::Call &, bool yes, std::int32_t i32, std::uint32_t u32, std::int64_t i64, std::uint64_t u64, double f64,
                   std::optional<std::string_view> text, imp::Json json, imp::Node node, std::chrono::nanoseconds duration, imp::Bytes bytes,
                   std::optional<std::vector<std::string_view>> texts, std::string_view secret, Out<bool> yes2, Out<std::int32_t> i32_2, Out<std::uint32_t> u32_2,
                   Out<std::int64_t> i64_2, Out<std::uint64_t> u64_2, Out<double> f64_2, Out<std::optional<std::string_view>> text2, Out<imp::Json> json2,
                   Out<imp::Node> node2, Out<std::chrono::nanoseconds> duration2, Out<imp::Bytes> bytes2, Out<std::vector<std::string_view>> texts2,
                   Out<std::string_view> secret2) {
        yes2 = yes, i32_2 = i32, u32_2 = u32, i64_2 = i64, u64_2 = u64, f64_2 = f64, json2 = json, node2 = node, duration2 = duration, bytes2 = bytes;
        secret2 = secret;
        if (text) text2 = *text;
        if (texts) texts2 = *texts;
    }

    void fail(imp::Call &call) { throw imp::Problem(IMP_CONFLICT, "not-now", "not for " + std::string(call.document()["cluster"]["name"].text()), "/x"); }
};

static imp::PluginInfo plugin_info() { return {"kinds", "1.2.3", "Tests", "Apache-2.0"}; }

static imp::TypeInfo type_info() {
    imp::TypeInfo type;
    type.id = "probe";
    type.name = "Kinds";
    type.summary = "For tests.";
    type.operations.push_back(imp::operation<&Kinds::all_kinds>(
        "all-kinds", "Gives back what it got.", IMP_O_IDEMPOTENT,
        {{"yes", "A truth value."}, {"i32", "A number."}, {"u32", "With a default.", "7"}, {"i64", "A number."}, {"u64", "A number."}, {"f64", "A number."},
         {"text", "May be left out."}, {"json", "Any value."}, {"node", "A node."}, {"duration", "How long."}, {"bytes", "Bytes."}, {"texts", "May be left out."},
         {"secret", "Not logged.", nullptr, nullptr, true}, {"yes2", "The same."}, {"i32-2", "The same."}, {"u32-2", "The same."}, {"i64-2", "The same."},
         {"u64-2", "The same."}, {"f64-2", "The same."}, {"text2", "The same."}, {"json2", "The same."}, {"node2", "The same."}, {"duration2", "The same."},
         {"bytes2", "The same."}, {"texts2", "The same."}, {"secret2", "The same.", nullptr, nullptr, true}}));
    type.operations.push_back(imp::operation<&Kinds::fail>("fail", "Fails, with the cluster's name.", IMP_O_READONLY));
    return type;
}

IMP_PLUGIN(Kinds, plugin_info, type_info)
