// SPDX-License-Identifier: Apache-2.0
/* A plugin in C++ with objects that live as long as the process, exceptions behind a barrier, and the C++ runtime, built with the header of draft 0,
 * minor 0. */
#include <impresario/plugin.h>

#include <map>
#include <stdexcept>
#include <string>

namespace {

const imp_host *host;
const std::map<std::string, std::string> answers = {
    {"validate", R"({"params":{"language":"C++"}})"},
    {"plan", R"({"groups":[{"name":"all","role":"member","count":1,"flavor":"small"}]})"},
    {"bootstrap", R"({"joined":[]})"},
    {"health", R"({"health":"healthy"})"},
};

/* No exception passes the boundary. */
template <typename Body> imp_status barrier(imp_call *call, Body body) {
    try {
        return body();
    } catch (const std::exception &error) {
        imp_problem problem{};
        problem.struct_size = sizeof problem;
        problem.code = imp_str_of("exception");
        problem.message = imp_str_of(error.what());
        return host->fail(call, IMP_INTERNAL, &problem);
    }
}

template <const char *name> imp_status answer(imp_call *call, imp_str, imp_out *out) {
    return barrier(call, [&] {
        const std::string &json = answers.at(name);
        return host->out_write(out, json.data(), json.size());
    });
}

imp_status destroy(imp_call *call, imp_str, imp_out *) {
    return barrier(call, [&]() -> imp_status { throw std::runtime_error("thrown and caught"); });
}

const char validate_name[] = "validate", plan_name[] = "plan", bootstrap_name[] = "bootstrap", health_name[] = "health";

imp_status init(const imp_host *h, imp_call *) {
    host = h;
    return IMP_OK;
}

imp_type make_type() {
    imp_type type{};
    type.struct_size = sizeof type;
    type.id = "probe";
    type.name = "Classes";
    type.summary = "In C++";
    type.create_schema = R"({"type":"object"})";
    type.validate = answer<validate_name>;
    type.plan = answer<plan_name>;
    type.bootstrap = answer<bootstrap_name>;
    type.health = answer<health_name>;
    type.destroy = destroy;
    return type;
}

} // namespace

extern "C" IMP_EXPORT const imp_plugin *imp_plugin_v0(uint32_t) {
    static const imp_type type = make_type();
    static const imp_type *const types[] = {&type};
    static const imp_plugin plugin = [] {
        imp_plugin plugin{};
        plugin.struct_size = sizeof plugin;
        plugin.id = "classes";
        plugin.version = "0.9.0";
        plugin.vendor = "Tests";
        plugin.license = "Apache-2.0";
        plugin.types = types;
        plugin.ntypes = 1;
        plugin.init = init;
        return plugin;
    }();
    return &plugin;
}
