// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// The cluster type '@NAME@': nodes that each run one daemon, which answers those who know a token with a greeting. It is small, and it is whole: what is here is
/// what every type does. Put your daemon where this one is.
///
/// Three rules hold for all of it (impresario/plugin.h has the others):
/// - Every verb may be called again after it ended anywhere. So it asks what is so, or does what can be done twice; it remembers nothing.
/// - What must be remembered goes to the state and the secrets. Globals end with the process, which may be at any moment.
/// - A host call that fails says why; to let it throw is enough.
struct Kind: ClusterType {
    let id = "@NAME@"
    let name = "@TYPE@"
    let summary = "Nodes that greet whoever knows a token."
    let description = "Connect to an endpoint, send a line with the token of your binding, and read the greeting."
    let capabilities = ["credentials"]

    let createSchema: JSONValue = [
        "type": "object",
        "additionalProperties": false,
        "properties": [
            "nodes": ["type": "integer", "minimum": 1, "maximum": 9, "default": 3, "description": "How many nodes."],
            "greeting": ["type": "string", "minLength": 1, "maxLength": 200, "default": "hello", "description": "What they answer."],
        ],
    ]

    /// [pure] The schema above has checked kinds and bounds and filled in defaults; here is what a schema cannot say.
    func validate(_ context: Context) throws -> ValidationResult {
        let params = context.args["params"] ?? context.cluster.params
        if params["greeting"]?.string?.contains("\n") == true {
            throw PluginProblem(.invalid, code: "greeting-lines", "A greeting is one line.", field: "/greeting", owner: .tenant)
        }
        return ValidationResult(params: params)
    }

    /// [pure] How many nodes of what size, and which ports tenants reach. The same parameters always give the same plan.
    func plan(_ context: Context) throws -> ClusterPlan {
        ClusterPlan(
            groups: [.init(name: "nodes", role: "node", count: Int(context.cluster.params["nodes"]?.integer ?? 3), flavor: "small")],
            endpoints: [.init(name: "greeting", group: "nodes", port: Nodes.port, expose: .tenant)])
    }

    /// [write] Sees all nodes and makes the smallest working cluster. No node here waits for another, so that is all of them.
    func bootstrap(_ call: borrowing Call) throws -> JoinResult { try Nodes.setUp(call, Nodes.existing(call.context)) }

    /// [write] Further nodes become members of a cluster that works.
    func join(_ call: borrowing Call, _ nodes: [Node]) throws -> JoinResult { try Nodes.setUp(call, nodes) }

    /// [write] The core destroys the nodes that leave; here others would be told of it. Nobody needs to know.
    func leave(_ call: borrowing Call, _ request: LeaveRequest) throws {}

    /// [read] Every few seconds: one command in each node, all at once.
    func health(_ call: borrowing Call) throws -> HealthReport {
        let reports = try Nodes.reports(call)
        let ready = reports.count { $0.state == .ready }
        return HealthReport(health: ready == call.context.nodes.count ? .healthy : ready > 0 ? .degraded : .unhealthy, nodes: reports)
    }

    /// [write] Files and environment for the tenant: each binding has a token of its own. The same binding gets the same token again.
    func credentials(_ call: borrowing Call, _ request: CredentialsRequest) throws -> Credentials {
        let tokens = try Tokens.change(call) { $0.add(request.binding) }
        try Nodes.put(call, Nodes.existing(call.context), tokens)
        let address = call.context.endpoints.first?.addresses.first ?? ""
        return Credentials(
            files: ["token": "\(tokens.byBinding[request.binding] ?? "")\n"],
            env: ["@ENV@_ADDRESS": address, "@ENV@_TOKEN_FILE": "${dir}/token"])
    }

    /// [write] Its token ends. A second time there is nothing to do.
    func revoke(_ call: borrowing Call, binding: String) throws {
        let tokens = try Tokens.change(call) { $0.byBinding[binding] = nil }
        try Nodes.put(call, Nodes.existing(call.context), tokens)
    }

    /// [write] Nothing of the cluster lives outside its nodes, which the core destroys.
    func destroy(_ call: borrowing Call) throws {}

    var operations: [TypedOperation] { [setGreeting] }

    /// An operation of this type's own: imp cluster do NAME set-greeting --text "Good morning"
    private var setGreeting: TypedOperation {
        TypedOperation(
            "set-greeting", summary: "Changes what the nodes answer.", flags: [.idempotent],
            Parameter<String>(
                "text", "What the nodes answer from now on.",
                schema: ["type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[^\n]*$"]),
            returns: Parameter<UInt32>("nodes", "How many nodes answer it.")
        ) { call, text in
            try Greeting.set(call, text)
            let nodes = Nodes.existing(call.context)
            try call.put(nodes.map { File($0, Nodes.greeting, text) })
            return UInt32(nodes.count)
        }
    }
}

extension Kind: Configurable {
    /// [write] After parameters changed, and after another version of this plugin took over: the files of this version, and the daemon with them.
    func configure(_ call: borrowing Call, old: JSONValue, new: JSONValue) throws {
        _ = try Nodes.setUp(call, Nodes.existing(call.context))
    }
}
