/* SPDX-License-Identifier: Apache-2.0
 *
 * Plugins in C++17: a class for each cluster type, a method for each verb, one declaration for each typed operation.
 *
 *     struct Toy : imp::Type {
 *         imp::Json plan(imp::Call &call) override { … }
 *         …
 *         void restart(imp::Call &call, imp::Node node, std::optional<std::string_view> reason, imp::Out<std::int64_t> count) { … }
 *     };
 *
 *     static imp::PluginInfo plugin_info() { return {"toy", "1.0.0", "Me", "Apache-2.0"}; }
 *     static imp::TypeInfo type_info() {
 *         imp::TypeInfo type;
 *         type.id = "toy"; …
 *         type.operations.push_back(imp::operation<&Toy::restart>(
 *             "restart", "Restarts a node.", IMP_O_IDEMPOTENT, {{"node", "Which."}, {"reason", "For the log."}, {"count", "How often so far."}}));
 *         return type;
 *     }
 *     IMP_PLUGIN(Toy, plugin_info, type_info)
 *
 * - Verbs throw imp::Problem to fail; nothing that is thrown leaves the library. A failed host function throws imp::HostFailure: let it pass, and the
 *   call fails for the host's own reason.
 * - The signature of an operation decides its table; a description too many or too few does not compile.
 * - imp::Json is small and needs no library. Authors who have another one convert by text: Json::parse() and dump().
 * - Sinks of the host are taken by imp::Sink and given back for the next use at the end of its scope.
 */
#ifndef IMPRESARIO_PLUGIN_HPP
#define IMPRESARIO_PLUGIN_HPP

#include <impresario/json.h>
#include <impresario/plugin.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <map>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace imp {

inline imp_str str(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view view(imp_str text) { return {text.ptr ? text.ptr : "", text.len}; }

/// Why a call fails. Thrown by verbs and operations.
struct Problem : std::exception {
    imp_status status;
    std::string code, message, field, detail;
    std::uint32_t flags = 0, owner = 0;

    /// `code_`: stable, for programs; `message_`: for the tenant; `field_`: a JSON pointer; `detail_`: for the log.
    Problem(imp_status status_, std::string code_, std::string message_, std::string field_ = "", std::string detail_ = "")
        : status(status_), code(std::move(code_)), message(std::move(message_)), field(std::move(field_)), detail(std::move(detail_)) {
        if (status == IMP_UNAVAILABLE || status == IMP_BUSY) flags = IMP_E_RETRY;
        if (status == IMP_INVALID || status == IMP_PRECONDITION) owner = IMP_OWNER_TENANT;
    }
    const char *what() const noexcept override { return message.c_str(); }
};

/// A host function failed; the host knows why.
struct HostFailure : std::exception {
    imp_status status;
    explicit HostFailure(imp_status status_) : status(status_) {}
    const char *what() const noexcept override { return "a host function failed"; }
};

/// A JSON value. Objects keep the order of their members. What is not there is null, so that paths need no checks.
class Json {
public:
    using Array = std::vector<Json>;
    using Object = std::vector<std::pair<std::string, Json>>;

    Json() = default;
    Json(std::nullptr_t) {}
    Json(const char *text) : value_(std::string(text)) {}
    Json(std::string_view text) : value_(std::string(text)) {}
    Json(std::string text) : value_(std::move(text)) {}
    Json(Array items) : value_(std::move(items)) {}
    template <class T, std::enable_if_t<std::is_arithmetic_v<T>, int> = 0>
    Json(T number) {
        if constexpr (std::is_same_v<T, bool>) value_ = number;
        else if constexpr (std::is_floating_point_v<T>) value_ = static_cast<double>(number);
        else if constexpr (std::is_unsigned_v<T>) {
            if (static_cast<std::uint64_t>(number) > INT64_MAX) value_ = static_cast<std::uint64_t>(number);
            else value_ = static_cast<std::int64_t>(number);
        } else value_ = static_cast<std::int64_t>(number);
    }

    static Json object(std::initializer_list<std::pair<std::string, Json>> members = {}) {
        Json json;
        json.value_ = Object(members.begin(), members.end());
        return json;
    }
    static Json array(std::initializer_list<Json> items = {}) { return Json(Array(items)); }

    /// Nothing when the text is no JSON.
    static std::optional<Json> parse(std::string_view text) {
        IMP_ARENA(arena);
        const imp_json *json = imp_json_parse(&arena, str(text), nullptr);
        return json ? std::optional<Json>(of(json)) : std::nullopt;
    }

    bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
    bool is_object() const { return std::holds_alternative<Object>(value_); }
    bool is_array() const { return std::holds_alternative<Array>(value_); }

    std::string_view text(std::string_view otherwise = "") const {
        auto text = std::get_if<std::string>(&value_);
        return text ? std::string_view(*text) : otherwise;
    }
    std::int64_t integer(std::int64_t otherwise = 0) const {
        auto number = std::get_if<std::int64_t>(&value_);
        return number ? *number : otherwise;
    }
    double number(double otherwise = 0) const {
        if (auto number = std::get_if<double>(&value_)) return *number;
        if (auto large = std::get_if<std::uint64_t>(&value_)) return static_cast<double>(*large);
        auto integer = std::get_if<std::int64_t>(&value_);
        return integer ? static_cast<double>(*integer) : otherwise;
    }
    bool boolean(bool otherwise = false) const {
        auto truth = std::get_if<bool>(&value_);
        return truth ? *truth : otherwise;
    }
    const Array &items() const & {
        static const Array none;
        auto items = std::get_if<Array>(&value_);
        return items ? *items : none;
    }
    const Object &members() const & {
        static const Object none;
        auto members = std::get_if<Object>(&value_);
        return members ? *members : none;
    }

    // Of a value that is about to end there would be nothing to look at.
    void items() const && = delete;
    void members() const && = delete;

    /// A member, of two with the same name the last; null when there is none.
    const Json &operator[](std::string_view key) const {
        static const Json none;
        const Json *found = &none;
        for (auto &[name, value] : members())
            if (name == key) found = &value;
        return *found;
    }
    const Json &operator[](const char *key) const { return (*this)[std::string_view(key)]; }

    /// Sets a member; what was no object becomes one.
    Json &set(std::string key, Json value) {
        if (!is_object()) value_ = Object();
        auto &members = std::get<Object>(value_);
        for (auto &[name, old] : members)
            if (name == key) return old = std::move(value), *this;
        members.emplace_back(std::move(key), std::move(value));
        return *this;
    }
    void erase(std::string_view key) {
        if (auto members = std::get_if<Object>(&value_))
            for (auto at = members->begin(); at != members->end();) at = at->first == key ? members->erase(at) : at + 1;
    }
    /// Appends; what was no array becomes one.
    Json &push(Json value) {
        if (!is_array()) value_ = Array();
        std::get<Array>(value_).push_back(std::move(value));
        return *this;
    }

    std::string dump() const {
        std::string text;
        imp_writer w = imp_writer_to(nullptr, nullptr);
        w.write = [](void *to, const void *bytes, size_t length) -> imp_status {
            try {
                static_cast<std::string *>(to)->append(static_cast<const char *>(bytes), length);
                return IMP_OK;
            } catch (...) { return IMP_EXHAUSTED; }
        };
        w.to = &text;
        write(w, nullptr);
        if (imp_status status = imp_put_finish(&w); status != IMP_OK) throw HostFailure(status);
        return text;
    }

private:
    std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Array, Object> value_;

    static Json of(const imp_json *json) {
        switch (json->kind) {
        case IMP_JSON_FALSE: return false;
        case IMP_JSON_TRUE: return true;
        case IMP_JSON_INTEGER: return json->as.integer;
        case IMP_JSON_UNSIGNED: return json->as.natural;
        case IMP_JSON_NUMBER: return json->as.number;
        case IMP_JSON_TEXT: return std::string(view(json->as.text));
        case IMP_JSON_ARRAY: {
            Array items;
            for (auto item = json->as.first; item; item = item->next) items.push_back(of(item));
            return items;
        }
        case IMP_JSON_OBJECT: {
            Json object = Json::object();
            auto &members = std::get<Object>(object.value_);
            for (auto item = json->as.first; item; item = item->next) members.emplace_back(std::string(view(item->key)), of(item));
            return object;
        }
        default: return nullptr;
        }
    }

    void write(imp_writer &w, const char *key) const {
        std::visit(
            [&](const auto &value) {
                using T = std::decay_t<decltype(value)>;
                if constexpr (std::is_same_v<T, std::monostate>) imp_put_null(&w, key);
                else if constexpr (std::is_same_v<T, bool>) imp_put_bool(&w, key, value);
                else if constexpr (std::is_same_v<T, std::int64_t>) imp_put_integer(&w, key, value);
                else if constexpr (std::is_same_v<T, std::uint64_t>) imp_put_unsigned(&w, key, value);
                else if constexpr (std::is_same_v<T, double>) imp_put_double(&w, key, value);
                else if constexpr (std::is_same_v<T, std::string>) imp_put_text(&w, key, str(value));
                else if constexpr (std::is_same_v<T, Array>) {
                    imp_put_array(&w, key);
                    for (auto &item : value) item.write(w, nullptr);
                    imp_put_end(&w);
                } else {
                    imp_put_object(&w, key);
                    for (auto &[name, member] : value) member.write(w, name.c_str());
                    imp_put_end(&w);
                }
            },
            value_);
    }
};

/// A node of the document; as the parameter of an operation only its id is told.
struct Node {
    std::string id, name, group, role, address, state;
    std::int64_t ordinal = 0;

    bool operator==(const Node &other) const { return id == other.id; }
    /// Whether the broker has made it and not lost it: others cannot be talked to.
    bool exists() const { return state != "planned" && state != "lost"; }
};

/// One command in one node.
struct Command {
    Node node;
    std::vector<std::string> argv;
    std::string input = {};
    std::chrono::milliseconds timeout = {}; ///< 0: a minute
    std::string user = {};                  ///< empty: root
};

/// How a command went.
struct Outcome {
    imp_status status = IMP_OK; ///< not IMP_OK when it could not be run
    int exit_code = -1;
    bool timed_out = false;
    std::string out, err;

    bool succeeded() const { return status == IMP_OK && exit_code == 0; }
};

struct File {
    Node node;
    std::string path, bytes;
    std::uint32_t mode = 0644;
    std::string owner = {}; ///< "user" or "user:group"; empty: root
};

struct KeyPair {
    std::string cert, key, ca, serial;
};

/// A value with the version that a compare-and-swap names; version 0 when there is none.
struct Versioned {
    std::string value;
    std::uint64_t version = 0;
};

namespace detail {
/// What the process has once: one plugin, one call at a time.
struct Process {
    const imp_host *host = nullptr;
    std::vector<imp_out *> spare; // sinks of the present call that nobody uses
};
inline Process &process() {
    static Process process;
    return process;
}
inline void check(imp_status status) {
    if (status != IMP_OK) throw HostFailure(status);
}
} // namespace detail

/// A sink of the host, for the time of its scope.
class Sink {
public:
    explicit Sink(imp_call *call) {
        auto &process = detail::process();
        if (!process.spare.empty()) {
            out_ = process.spare.back();
            process.spare.pop_back();
        } else if (!(out_ = process.host->out_new(call, 0))) throw Problem(IMP_EXHAUSTED, "memory", "There is no memory for an answer.");
    }
    ~Sink() {
        if (!out_) return;
        detail::process().host->out_clear(out_);
        try {
            detail::process().spare.push_back(out_);
        } catch (...) {} // the host frees it at the end of the call
    }
    Sink(Sink &&other) noexcept : out_(std::exchange(other.out_, nullptr)) {}
    Sink(const Sink &) = delete;
    Sink &operator=(const Sink &) = delete;

    imp_out *get() const { return out_; }
    std::string text() const { return std::string(view(detail::process().host->out_view(out_))); }

private:
    imp_out *out_;
};

/// One invocation: its document, and what the host offers for it.
class Call {
public:
    explicit Call(imp_call *call, imp_str document) : call_(call), document_(Json::parse(view(document)).value_or(Json())) {
        if (!document_.is_object()) throw Problem(IMP_INTERNAL, "document", "The call's document cannot be read.");
        for (auto &node : document_["nodes"].items())
            nodes_.push_back({std::string(node["id"].text()), std::string(node["name"].text()), std::string(node["group"].text()),
                              std::string(node["role"].text()), std::string(node["address"].text()), std::string(node["state"].text()),
                              node["ordinal"].integer()});
    }
    Call(const Call &) = delete;

    const Json &document() const { return document_; }
    const Json &params() const { return document_["cluster"]["params"]; }
    const Json &args() const { return document_["args"]; }
    std::int64_t attempt() const { return document_["operation"]["attempt"].integer(1); }
    const std::vector<Node> &nodes() const { return nodes_; }
    /// The nodes that `args.nodes` names.
    std::vector<Node> named_nodes() const {
        std::vector<Node> named;
        for (auto &id : args()["nodes"].items())
            if (auto node = find(id.text())) named.push_back(*node);
        return named;
    }
    const Node *find(std::string_view id) const {
        for (auto &node : nodes_)
            if (node.id == id) return &node;
        return nullptr;
    }

    void log(std::int32_t severity, std::string_view message) const { host().log(call_, severity, str(message), {nullptr, 0}); }
    void progress(double done, std::string_view phase) const { host().progress(call_, static_cast<std::uint32_t>(done * 10000), str(phase)); }
    void event(std::string_view type, const Json &data) const { host().event(call_, str(type), str(data.dump())); }

    /// Throws when somebody cancelled or the time is over: in every loop.
    void check() const {
        if (host().cancelled(call_)) throw HostFailure(IMP_CANCELLED);
        auto now = std::chrono::steady_clock::now().time_since_epoch();
        if (std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() > host().deadline_ns(call_)) throw HostFailure(IMP_DEADLINE);
    }
    void pause(std::chrono::milliseconds time) const {
        for (; time.count() > 0; time -= std::chrono::milliseconds(20)) {
            check();
            std::this_thread::sleep_for(std::min(time, std::chrono::milliseconds(20)));
        }
        check();
    }

    /// Runs commands at once. When a node cannot be reached they are run once more one by one, so that each tells how it went: only commands that may
    /// be repeated.
    std::vector<Outcome> run(const std::vector<Command> &commands) const {
        std::vector<Outcome> outcomes(commands.size());
        if (commands.empty()) return outcomes;
        imp_status status = run_batch(commands, 0, commands.size(), outcomes);
        bool is_apart = commands.size() > 1 && (status == IMP_UNAVAILABLE || status == IMP_NOT_FOUND);
        for (size_t i = 0; is_apart && i < commands.size(); i++) {
            status = run_batch(commands, i, 1, outcomes);
            if (status != IMP_OK && status != IMP_UNAVAILABLE && status != IMP_NOT_FOUND) break;
        }
        if (status != IMP_OK && status != IMP_UNAVAILABLE && status != IMP_NOT_FOUND) throw HostFailure(status);
        return outcomes;
    }
    Outcome run(const Command &command) const { return std::move(run(std::vector<Command>{command})[0]); }

    /// Runs commands at once and wants all of them to succeed; `purpose` ends the sentence "Node … could not …".
    std::vector<Outcome> expect(const std::vector<Command> &commands, std::string_view purpose) const {
        auto outcomes = run(commands);
        for (size_t i = 0; i < commands.size(); i++) {
            if (outcomes[i].succeeded()) continue;
            Problem problem(IMP_UNAVAILABLE, "node-command",
                            "Node '" + commands[i].node.name + (outcomes[i].status == IMP_OK ? "' could not " : "' cannot be reached to ") + std::string(purpose) + ".", "",
                            "exit code " + std::to_string(outcomes[i].exit_code) + ": " + outcomes[i].err.substr(0, 4096));
            problem.owner = IMP_OWNER_INFRASTRUCTURE;
            throw problem;
        }
        return outcomes;
    }
    std::string expect(const Command &command, std::string_view purpose) const { return std::move(expect(std::vector<Command>{command}, purpose)[0].out); }

    void put(const std::vector<File> &files) const {
        std::vector<imp_file> raw(files.size());
        std::vector<const imp_file *> list;
        for (size_t i = 0; i < files.size(); i++) {
            raw[i] = {sizeof(imp_file), files[i].mode, str(files[i].node.id), str(files[i].path), str(files[i].owner), str(files[i].bytes)};
            list.push_back(&raw[i]);
        }
        if (!list.empty()) detail::check(host().node_put(call_, list.data(), list.size()));
    }
    /// Nothing when the file is absent.
    std::optional<std::string> get(const Node &node, std::string_view path) const {
        Sink sink(call_);
        imp_status status = host().node_get(call_, str(node.id), str(path), 0, sink.get());
        if (status == IMP_NOT_FOUND) return std::nullopt;
        detail::check(status);
        return sink.text();
    }
    /// Declares a supervised daemon, the same on all of the nodes.
    void service(const std::vector<Node> &nodes, const Json &specification) const {
        std::string ids;
        for (auto &node : nodes) ids += (ids.empty() ? "" : ",") + node.id;
        if (!nodes.empty()) detail::check(host().node_service(call_, str(ids), str(specification.dump())));
    }

    Versioned state(std::string_view key) const { return read(host().state_get, key); }
    std::uint64_t put_state(std::string_view key, std::string_view value, std::uint64_t expect) const { return write(host().state_put, key, value, expect); }
    Versioned secret(std::string_view name) const { return read(host().secret_get, name); }
    std::uint64_t put_secret(std::string_view name, std::string_view value, std::uint64_t expect) const { return write(host().secret_put, name, value, expect); }
    /// Changes a JSON secret by compare and swap, as often as it takes. `change(Json &)` may be called several times.
    template <class Change>
    Json change_secret(std::string_view name, Change change) const {
        for (int round = 0;; round++) {
            auto old = secret(name);
            Json json = old.version ? Json::parse(old.value).value_or(Json::object()) : Json::object();
            change(json);
            std::string text = json.dump();
            if (text == old.value) return json;
            imp_status status = host().secret_put(call_, str(name), str(text), old.version, nullptr);
            if (status == IMP_OK) return json;
            if (status != IMP_CONFLICT || round == 5) throw HostFailure(status);
        }
    }

    KeyPair key_pair(std::string_view name, const Json &profile) const {
        Sink sink(call_);
        detail::check(host().key_pair(call_, str(name), str(profile.dump()), sink.get()));
        Json json = Json::parse(sink.text()).value_or(Json());
        return {std::string(json["cert"].text()), std::string(json["key"].text()), std::string(json["ca"].text()), std::string(json["serial"].text())};
    }
    std::string revocation_list(std::string_view authority, const std::vector<std::string> &serials) const {
        Sink sink(call_);
        std::vector<imp_str> list;
        for (auto &serial : serials) list.push_back(str(serial));
        detail::check(host().revocation_list(call_, str(authority), list.data(), list.size(), sink.get()));
        return sink.text();
    }

    /// For what is not wrapped here.
    imp_call *raw() const { return call_; }
    static const imp_host &host() { return *detail::process().host; }

private:
    imp_call *call_;
    Json document_;
    std::vector<Node> nodes_;

    imp_status run_batch(const std::vector<Command> &commands, size_t first, size_t count, std::vector<Outcome> &outcomes) const {
        std::vector<imp_exec> raw(count);
        std::vector<imp_exec *> list;
        std::vector<std::vector<imp_str>> words(count);
        std::vector<Sink> sinks;
        for (size_t i = 0; i < count; i++) {
            const Command &command = commands[first + i];
            for (auto &word : command.argv) words[i].push_back(str(word));
            imp_exec &exec = raw[i];
            exec = imp_exec{};
            exec.struct_size = sizeof exec;
            exec.node = str(command.node.id);
            exec.argv = words[i].data();
            exec.argc = words[i].size();
            exec.user = str(command.user);
            exec.in = str(command.input);
            exec.timeout_ms = static_cast<std::uint32_t>(command.timeout.count());
            exec.out = sinks.emplace_back(call_).get();
            exec.err = sinks.emplace_back(call_).get();
            list.push_back(&exec);
        }
        imp_status status = host().node_exec(call_, list.data(), count);
        for (size_t i = 0; i < count; i++) {
            Outcome &outcome = outcomes[first + i];
            outcome = Outcome{};
            outcome.status = status;
            if (status != IMP_OK) continue;
            outcome.exit_code = raw[i].exit_code;
            outcome.timed_out = raw[i].result & IMP_X_TIMED_OUT;
            outcome.out = sinks[2 * i].text();
            outcome.err = sinks[2 * i + 1].text();
        }
        return status;
    }

    Versioned read(imp_status (*function)(imp_call *, imp_str, imp_out *, std::uint64_t *), std::string_view key) const {
        Sink sink(call_);
        Versioned found;
        imp_status status = function(call_, str(key), sink.get(), &found.version);
        if (status == IMP_NOT_FOUND) return {};
        detail::check(status);
        found.value = sink.text();
        return found;
    }
    std::uint64_t write(imp_status (*function)(imp_call *, imp_str, imp_str, std::uint64_t, std::uint64_t *), std::string_view key, std::string_view value,
                        std::uint64_t expect) const {
        std::uint64_t version = 0;
        detail::check(function(call_, str(key), str(value), expect, &version));
        return version;
    }
};

/// A kind of cluster. Verbs that a class does not override are told to the host as not supported; the first five must be there.
struct Type {
    virtual ~Type() = default;
    virtual Json validate(Call &) = 0;  ///< [pure] {params, warnings?}
    virtual Json plan(Call &) = 0;      ///< [pure] {groups, endpoints?, version?}
    virtual Json bootstrap(Call &) = 0; ///< {joined}
    virtual Json health(Call &) = 0;    ///< [read] {health, conditions?, nodes?, version?}
    virtual void destroy(Call &) = 0;
    virtual Json join(Call &) { return {}; } ///< {joined}
    virtual void leave(Call &) {}
    virtual Json credentials(Call &) { return {}; } ///< {files, env, expires_at?}
    virtual void revoke(Call &) {}
    virtual void configure(Call &) {}
    virtual void upgrade(Call &) {}
    virtual void migrate(Call &) {}
};

/// {"joined": [ids]}, the answer of bootstrap and join.
inline Json joined(const std::vector<Node> &nodes) {
    Json ids = Json::array();
    for (auto &node : nodes) ids.push(node.id);
    return Json::object({{"joined", ids}});
}

// Typed operations

using Bytes = std::basic_string_view<unsigned char>;

/// A result. Numbers and truth values are assigned; texts and bytes too, at most once.
template <class T>
class Out;

namespace detail {
/// What a parameter of type T is in the table, and in the C function.
template <class T>
struct Parameter;

template <class T, std::uint32_t Kind, class C = T>
struct Scalar {
    static constexpr std::uint32_t type = Kind, flags = 0;
    using Raw = std::tuple<C>;
    static T from(const Raw &raw) { return static_cast<T>(std::get<0>(raw)); }
};
template <> struct Parameter<bool> : Scalar<bool, IMP_BOOL, std::uint8_t> {};
template <> struct Parameter<std::int32_t> : Scalar<std::int32_t, IMP_I32> {};
template <> struct Parameter<std::uint32_t> : Scalar<std::uint32_t, IMP_U32> {};
template <> struct Parameter<std::int64_t> : Scalar<std::int64_t, IMP_I64> {};
template <> struct Parameter<std::uint64_t> : Scalar<std::uint64_t, IMP_U64> {};
template <> struct Parameter<double> : Scalar<double, IMP_F64> {};

template <> struct Parameter<std::chrono::nanoseconds> {
    static constexpr std::uint32_t type = IMP_DURATION, flags = 0;
    using Raw = std::tuple<std::int64_t>;
    static std::chrono::nanoseconds from(const Raw &raw) { return std::chrono::nanoseconds(std::get<0>(raw)); }
};
template <> struct Parameter<std::string_view> {
    static constexpr std::uint32_t type = IMP_STR, flags = 0;
    using Raw = std::tuple<const char *>;
    static std::string_view from(const Raw &raw) { return std::get<0>(raw) ? std::get<0>(raw) : ""; }
};
template <> struct Parameter<Json> {
    static constexpr std::uint32_t type = IMP_JSON, flags = 0;
    using Raw = std::tuple<const char *>;
    static Json from(const Raw &raw) { return std::get<0>(raw) ? Json::parse(std::get<0>(raw)).value_or(Json()) : Json(); }
};
template <> struct Parameter<Node> {
    static constexpr std::uint32_t type = IMP_NODE, flags = 0;
    using Raw = std::tuple<const char *>;
    static Node from(const Raw &raw) {
        Node node;
        if (std::get<0>(raw)) node.id = std::get<0>(raw);
        return node;
    }
};
template <> struct Parameter<Bytes> {
    static constexpr std::uint32_t type = IMP_BYTES, flags = 0;
    using Raw = std::tuple<const std::uint8_t *, size_t>;
    static Bytes from(const Raw &raw) { return {std::get<0>(raw), std::get<1>(raw)}; }
};
template <> struct Parameter<std::vector<std::string_view>> {
    static constexpr std::uint32_t type = IMP_STRS, flags = 0;
    using Raw = std::tuple<const char *const *, size_t>;
    static std::vector<std::string_view> from(const Raw &raw) {
        return std::get<1>(raw) ? std::vector<std::string_view>(std::get<0>(raw), std::get<0>(raw) + std::get<1>(raw)) : std::vector<std::string_view>();
    }
};
/// Left out: no value. Scalars that may be left out have a default in the declaration instead.
template <class T> struct Parameter<std::optional<T>> {
    static_assert(Parameter<T>::type == IMP_STR || Parameter<T>::type == IMP_JSON || Parameter<T>::type == IMP_NODE || Parameter<T>::type == IMP_BYTES ||
                      Parameter<T>::type == IMP_STRS,
                  "a number or truth value that may be left out needs a default in its declaration instead of std::optional");
    static constexpr std::uint32_t type = Parameter<T>::type, flags = IMP_P_OPTIONAL;
    using Raw = typename Parameter<T>::Raw;
    static std::optional<T> from(const Raw &raw) { return std::get<0>(raw) ? std::optional<T>(Parameter<T>::from(raw)) : std::nullopt; }
};
template <class T> constexpr bool is_text = Parameter<T>::type == IMP_STR || Parameter<T>::type == IMP_JSON || Parameter<T>::type == IMP_NODE ||
                                            Parameter<T>::type == IMP_BYTES || Parameter<T>::type == IMP_STRS;
template <class T> struct Parameter<Out<T>> {
    static constexpr std::uint32_t type = Parameter<T>::type, flags = IMP_P_OUT | Parameter<T>::flags;
    using Raw = std::tuple<std::conditional_t<is_text<T>, imp_out *, std::tuple_element_t<0, typename Parameter<T>::Raw> *>>;
    static Out<T> from(const Raw &raw) { return Out<T>(std::get<0>(raw)); }
};

inline void append(imp_out *out, const void *bytes, size_t length) { check(process().host->out_write(out, bytes, length)); }
inline void give(imp_out *out, std::string_view text) { append(out, text.data(), text.size()); }
inline void give(imp_out *out, const Json &json) { give(out, std::string_view(json.dump())); }
inline void give(imp_out *out, const Node &node) { give(out, std::string_view(node.id)); }
inline void give(imp_out *out, Bytes bytes) { append(out, bytes.data(), bytes.size()); }
inline void give(imp_out *out, const std::vector<std::string_view> &texts) {
    for (auto text : texts) {
        give(out, text);
        append(out, "", 1);
    }
}
template <class T>
void give(imp_out *out, const std::optional<T> &value) {
    if (value) give(out, *value);
}
} // namespace detail

template <class T>
class Out {
public:
    using Target = std::tuple_element_t<0, typename detail::Parameter<Out<T>>::Raw>;
    explicit Out(Target target) : target_(target) {}
    template <class V>
    const Out &operator=(const V &value) const {
        if constexpr (std::is_same_v<T, std::chrono::nanoseconds>) *target_ = std::chrono::nanoseconds(value).count();
        else if constexpr (detail::is_text<T>) detail::give(target_, T(value));
        else *target_ = static_cast<std::remove_pointer_t<Target>>(value);
        return *this;
    }

private:
    Target target_;
};

/// Name and summary of a parameter; then its default and its schema, as JSON. `secret` values are neither logged nor stored in the clear.
struct Described {
    const char *name, *summary, *default_json = nullptr, *schema_json = nullptr;
    bool secret = false;
};

namespace detail {
/// Keeps exceptions in the library.
template <class Body>
imp_status guarded(imp_call *call, Body body) noexcept {
    const imp_host *host = process().host;
    imp_status status = IMP_INTERNAL;
    auto fail = [&](imp_status code, std::string_view name, std::string_view field, std::string_view message, std::string_view detail, std::uint32_t flags,
                    std::uint32_t owner) {
        imp_problem problem{};
        problem.struct_size = sizeof problem;
        problem.flags = flags;
        problem.owner = owner;
        problem.code = str(name);
        problem.field = str(field);
        problem.message = str(message.substr(0, 4096));
        problem.detail = str(detail.substr(0, 16384));
        return host->fail(call, code, &problem);
    };
    process().spare.clear();
    try {
        body();
        status = IMP_OK;
    } catch (const Problem &p) {
        status = fail(p.status == IMP_OK ? static_cast<imp_status>(IMP_INTERNAL) : p.status, p.code, p.field, p.message, p.detail, p.flags, p.owner);
    } catch (const HostFailure &failure) {
        status = failure.status;
    } catch (const std::bad_alloc &) {
        status = fail(IMP_EXHAUSTED, "memory", "", "The plugin has no memory left.", "", 0, IMP_OWNER_PLUGIN);
    } catch (const std::exception &e) {
        status = fail(IMP_INTERNAL, "exception", "", "The plugin failed unexpectedly.", e.what(), 0, IMP_OWNER_PLUGIN);
    } catch (...) { status = fail(IMP_INTERNAL, "exception", "", "The plugin failed unexpectedly.", "something that is no std::exception", 0, IMP_OWNER_PLUGIN); }
    process().spare.clear();
    return status;
}

template <class T>
T &instance() {
    static T instance;
    return instance;
}

/// One operation: its C function, of the parameters that the method's signature expands to, and the table of the same.
template <auto Method, class T, class All, class... Ps>
struct Thunk;
template <auto Method, class T, class... Cs, class... Ps>
struct Thunk<Method, T, std::tuple<Cs...>, Ps...> {
    static imp_status function(imp_call *call, Cs... arguments) {
        return guarded(call, [&] {
            Sink document(call);
            check(process().host->context(call, document.get()));
            Call wrapped(call, process().host->out_view(document.get()));
            std::tuple<Cs...> all(arguments...);
            invoke(wrapped, all, std::index_sequence_for<Ps...>());
        });
    }
    template <size_t... I>
    static void invoke(Call &call, const std::tuple<Cs...> &all, std::index_sequence<I...>) {
        (instance<T>().*Method)(call, Parameter<std::decay_t<Ps>>::from(part<I>(all))...);
    }
    template <size_t I>
    static constexpr size_t offset() {
        constexpr std::array<size_t, sizeof...(Ps) + 1> sizes{std::tuple_size_v<typename Parameter<std::decay_t<Ps>>::Raw>...};
        size_t sum = 0;
        for (size_t i = 0; i < I; i++) sum += sizes[i];
        return sum;
    }
    template <size_t I>
    static auto part(const std::tuple<Cs...> &all) {
        using Raw = typename Parameter<std::decay_t<std::tuple_element_t<I, std::tuple<Ps...>>>>::Raw;
        if constexpr (std::tuple_size_v<Raw> == 1) return Raw(std::get<offset<I>()>(all));
        else return Raw(std::get<offset<I>()>(all), std::get<offset<I>() + 1>(all));
    }
};

template <class M>
struct Signature;
template <class T, class... Ps>
struct Signature<void (T::*)(Call &, Ps...)> {
    static constexpr size_t count = sizeof...(Ps);
    template <auto Method>
    using ThunkOf = Thunk<Method, T, decltype(std::tuple_cat(std::declval<typename Parameter<std::decay_t<Ps>>::Raw>()...)), Ps...>;
    static constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, count> kinds() {
        return {{{Parameter<std::decay_t<Ps>>::type, Parameter<std::decay_t<Ps>>::flags}...}};
    }
};
} // namespace detail

/// A descriptor that stands where it was made: keep it in a static variable.
class Operation {
public:
    Operation(imp_op op, std::vector<imp_param> parameters) : op_(op), parameters_(std::move(parameters)) {}
    const imp_op *raw() {
        for (auto &parameter : parameters_) list_.push_back(&parameter);
        op_.params = list_.data();
        op_.nparams = list_.size();
        return &op_;
    }

private:
    imp_op op_;
    std::vector<imp_param> parameters_;
    std::vector<const imp_param *> list_;
};

/// Makes an operation of a method `void (Call &, parameters…)`. bool, the fixed integers, double, std::string_view, Json, Node,
/// std::chrono::nanoseconds, Bytes, std::vector<std::string_view>; std::optional of those that are texts; Out<> of all. Each needs its description.
template <auto Method, size_t N>
Operation operation(const char *id, const char *summary, std::uint32_t flags, const Described (&described)[N]) {
    using Signature = detail::Signature<decltype(Method)>;
    static_assert(N == Signature::count, "an operation needs one description for each parameter behind Call &");
    std::vector<imp_param> parameters;
    auto kinds = Signature::kinds();
    for (size_t i = 0; i < N; i++) {
        auto &d = described[i];
        std::uint32_t more = (d.secret ? static_cast<std::uint32_t>(IMP_P_SECRET) : 0) |
                             (d.default_json && !(kinds[i].second & IMP_P_OUT) ? static_cast<std::uint32_t>(IMP_P_OPTIONAL) : 0);
        parameters.push_back({sizeof(imp_param), kinds[i].first, kinds[i].second | more, 0, d.name, d.summary, d.default_json, d.schema_json});
    }
    imp_op op{};
    op.struct_size = sizeof op;
    op.flags = flags;
    op.id = id;
    op.summary = summary;
    op.fn = reinterpret_cast<void (*)(void)>(&Signature::template ThunkOf<Method>::function);
    return Operation(op, std::move(parameters));
}
template <auto Method>
Operation operation(const char *id, const char *summary, std::uint32_t flags) {
    static_assert(detail::Signature<decltype(Method)>::count == 0, "an operation needs one description for each parameter behind Call &");
    imp_op op{};
    op.struct_size = sizeof op;
    op.flags = flags;
    op.id = id;
    op.summary = summary;
    op.fn = reinterpret_cast<void (*)(void)>(&detail::Signature<decltype(Method)>::template ThunkOf<Method>::function);
    return Operation(op, {});
}

// Descriptors

struct PluginInfo {
    const char *id, *version, *vendor, *license, *url = nullptr;
    std::vector<const char *> packages = {};
    std::uint32_t state_format = 0;
};
struct TypeInfo {
    const char *id = "", *name = "", *summary = "", *description_md = nullptr, *create_schema = "{\"type\":\"object\"}", *update_schema = nullptr, *binding_schema = nullptr;
    std::vector<const char *> capabilities = {};
    std::vector<Operation> operations = {};
};

namespace detail {
/// The C functions of a type's verbs.
template <class T>
struct Verbs {
    template <Json (Type::*Verb)(Call &)>
    static imp_status answer(imp_call *call, imp_str in, imp_out *out) {
        return guarded(call, [&] {
            Call wrapped(call, in);
            give(out, (instance<T>().*Verb)(wrapped));
        });
    }
    template <void (Type::*Verb)(Call &)>
    static imp_status act(imp_call *call, imp_str in, imp_out *) {
        return guarded(call, [&] {
            Call wrapped(call, in);
            (instance<T>().*Verb)(wrapped);
        });
    }
};

struct Description {
    PluginInfo plugin;
    TypeInfo type;
    std::vector<const imp_op *> ops;
    imp_type raw_type{};
    const imp_type *types[1]{};
    imp_plugin raw{};
};

inline imp_status init(const imp_host *host, imp_call *) {
    process().host = host;
    return IMP_OK;
}

template <class T>
const imp_plugin *describe(Description &d) {
    d.plugin.packages.push_back(nullptr);
    d.type.capabilities.push_back(nullptr);
    for (auto &operation : d.type.operations) d.ops.push_back(operation.raw());
    imp_type &type = d.raw_type;
    type.struct_size = sizeof type;
    type.id = d.type.id;
    type.name = d.type.name;
    type.summary = d.type.summary;
    type.description_md = d.type.description_md;
    type.capabilities = d.type.capabilities.data();
    type.create_schema = d.type.create_schema;
    type.update_schema = d.type.update_schema;
    type.binding_schema = d.type.binding_schema;
    using V = Verbs<T>;
    type.validate = V::template answer<&Type::validate>;
    type.plan = V::template answer<&Type::plan>;
    type.bootstrap = V::template answer<&Type::bootstrap>;
    type.health = V::template answer<&Type::health>;
    type.destroy = V::template act<&Type::destroy>;
    // A method that a class does not override is still Type's.
    if constexpr (!std::is_same_v<decltype(&T::join), decltype(&Type::join)>) type.join = V::template answer<&Type::join>;
    if constexpr (!std::is_same_v<decltype(&T::leave), decltype(&Type::leave)>) type.leave = V::template act<&Type::leave>;
    if constexpr (!std::is_same_v<decltype(&T::credentials), decltype(&Type::credentials)>) type.credentials = V::template answer<&Type::credentials>;
    if constexpr (!std::is_same_v<decltype(&T::revoke), decltype(&Type::revoke)>) type.revoke = V::template act<&Type::revoke>;
    if constexpr (!std::is_same_v<decltype(&T::configure), decltype(&Type::configure)>) type.configure = V::template act<&Type::configure>;
    if constexpr (!std::is_same_v<decltype(&T::upgrade), decltype(&Type::upgrade)>) type.upgrade = V::template act<&Type::upgrade>;
    if constexpr (!std::is_same_v<decltype(&T::migrate), decltype(&Type::migrate)>) type.migrate = V::template act<&Type::migrate>;
    type.ops = d.ops.data();
    type.nops = d.ops.size();
    d.types[0] = &type;
    imp_plugin &plugin = d.raw;
    plugin.struct_size = sizeof plugin;
    plugin.abi_minor = IMP_ABI_MINOR;
    plugin.state_format = d.plugin.state_format;
    plugin.id = d.plugin.id;
    plugin.version = d.plugin.version;
    plugin.vendor = d.plugin.vendor;
    plugin.license = d.plugin.license;
    plugin.url = d.plugin.url;
    plugin.packages = d.plugin.packages.data();
    plugin.types = d.types;
    plugin.ntypes = 1;
    plugin.init = init;
    return &plugin;
}
} // namespace detail
} // namespace imp

/// The exported function of a plugin with one type. `plugin_info` makes an imp::PluginInfo, `type_info` an imp::TypeInfo; both are called once.
#define IMP_PLUGIN(Class, plugin_info, type_info)                                                       \
    extern "C" IMP_EXPORT const imp_plugin *imp_plugin_v0(uint32_t) {                                   \
        try {                                                                                           \
            static imp::detail::Description description{plugin_info(), type_info(), {}, {}, {}, {}};    \
            static const imp_plugin *plugin = imp::detail::describe<Class>(description);                \
            return plugin;                                                                              \
        } catch (...) { return nullptr; }                                                               \
    }

#endif
