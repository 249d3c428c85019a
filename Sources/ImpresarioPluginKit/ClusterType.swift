// SPDX-License-Identifier: Apache-2.0

/// A kind of cluster: what an author writes.
///
/// Methods block; a guest runs one call at a time on one thread, so nothing here need be thread-safe, and nothing may be remembered in the value: the
/// process may be killed at any moment. Each method may be called again with the same operation and a higher attempt after one that ended
/// anywhere, and must go on from what it finds. What a method throws becomes the call's problem; a trap (overflow, force unwrap) ends the
/// process and is told as a crash of the plugin.
public protocol ClusterType: Sendable {
    /// A DNS label: what tenants type after `--type`.
    var id: String { get }
    /// For people.
    var name: String { get }
    /// One line.
    var summary: String { get }
    /// Markdown.
    var description: String { get }
    /// DNS labels.
    var capabilities: [String] { get }
    /// JSON Schema of the parameters, an object. Properties become flags of the command line: give each a title and a description.
    ///
    /// ``ParameterSet/schema`` makes it from a declaration.
    var createSchema: JSONValue { get }
    /// JSON Schema of the parameters that ``Configurable/configure(_:old:new:)`` can change on a running cluster; nil for none.
    var updateSchema: JSONValue? { get }
    /// JSON Schema of the arguments of ``credentials(_:_:)``; nil for none.
    var bindingSchema: JSONValue? { get }
    /// Operations beside the verbs.
    var operations: [TypedOperation] { get }

    /// [pure] Checks what the schema cannot say and fills in defaults. `cluster.params` are the tenant's.
    func validate(_ context: Context) throws -> ValidationResult
    /// [pure] The same context gives the same plan.
    func plan(_ context: Context) throws -> ClusterPlan
    /// [write] Makes the smallest working cluster out of the nodes of the context and says which of them joined.
    func bootstrap(_ call: borrowing Call) throws -> JoinResult
    /// [write] Makes further nodes members.
    func join(_ call: borrowing Call, _ nodes: [Node]) throws -> JoinResult
    /// [write] Takes nodes out. Nodes that left already are no error.
    func leave(_ call: borrowing Call, _ request: LeaveRequest) throws
    /// [read] From the engine's own API. Called every few seconds.
    func health(_ call: borrowing Call) throws -> HealthReport
    /// [write] What a tenant needs to use the cluster with the engine's own client.
    func credentials(_ call: borrowing Call, _ request: CredentialsRequest) throws -> Credentials
    /// [write] What ``credentials(_:_:)`` gave out for this binding stops working. Repeated calls are no error.
    func revoke(_ call: borrowing Call, binding: String) throws
    /// [write] Takes back what lives outside the nodes; the core destroys those in any case.
    func destroy(_ call: borrowing Call) throws
}

extension ClusterType {
    /// None.
    public var capabilities: [String] { [] }
    /// None.
    public var updateSchema: JSONValue? { nil }
    /// None.
    public var bindingSchema: JSONValue? { nil }
    /// None.
    public var operations: [TypedOperation] { [] }
}

/// A type whose parameters can be changed on a running cluster: those of ``ClusterType/updateSchema``.
public protocol Configurable: ClusterType {
    /// [write] Also called after the cluster moved to another version of the plugin, then with equal parameters.
    func configure(_ call: borrowing Call, old: JSONValue, new: JSONValue) throws
}

/// A type whose engine can be upgraded.
public protocol Upgradable: ClusterType {
    /// [write] One phase; the core makes surge nodes and loops. Nodes that are made during an upgrade come through ``ClusterType/join(_:_:)`` and
    /// are of the new version, which is `cluster.version` then.
    func upgrade(_ call: borrowing Call, _ request: UpgradeRequest) throws
}

/// A type with state that older versions of the plugin wrote in another form.
public protocol Migrating: ClusterType {
    /// [write] Rewrites the state of one cluster.
    func migrate(_ call: borrowing Call, from: Int, to: Int) throws
}
