// SPDX-License-Identifier: Apache-2.0

public import FoundationEssentials
public import ImpresarioInfrastructure
public import ImpresarioModel

/// A call into a plugin.
public struct PluginCall: Sendable {
    public enum Target: Sendable, Hashable {
        case verb(PluginVerb)
        /// Arguments by parameter name, validated against the declaration and converted by the runtime.
        case operation(TypedOperation, arguments: [String: JSONValue])
    }

    public var plugin: PluginPin
    public var type: String
    public var target: Target
    public var context: PluginContext
    /// Guests are not shared between tenants.
    public var tenant: ID<Tenant>
    /// The guest is killed when this is over.
    public var timeout: Duration

    public init(
        plugin: PluginPin, type: String, target: Target, context: PluginContext, tenant: ID<Tenant>, timeout: Duration
    ) {
        self.plugin = plugin
        self.type = type
        self.target = target
        self.context = context
        self.tenant = tenant
        self.timeout = timeout
    }
}

/// The broker's side of the host table: what a plugin may ask for during one call. The runtime has checked sizes, UTF-8 and that the class of the
/// verb allows the call; the implementation knows tenant, cluster and operation and checks everything else.
///
/// A thrown ``Problem`` becomes the host call's status and `last_problem`.
public protocol HostServices: Sendable {
    /// One command on each of several nodes (ids), run at once; outcomes in the same order.
    func execute(_ commands: [(node: String, command: NodeCommand)]) async throws(Problem) -> [CommandOutcome]
    func put(_ files: [(node: String, file: NodeFile)]) async throws(Problem)
    func get(node: String, path: String, limit: Int) async throws(Problem) -> Data
    /// The same service on each of several nodes (ids), at once.
    func declare(nodes: [String], service: ServiceSpecification) async throws(Problem)
    /// Nil when absent.
    func state(_ key: String) async throws(Problem) -> (value: Data, version: UInt64)?
    /// Compare and swap: `expecting` 0 creates; an empty value deletes. Returns the new version (0 after a delete).
    func putState(_ key: String, _ value: Data, expecting: UInt64) async throws(Problem) -> UInt64
    func secret(_ name: String) async throws(Problem) -> (value: Data, version: UInt64)?
    func putSecret(_ name: String, _ value: Data, expecting: UInt64) async throws(Problem) -> UInt64
    /// Named and idempotent. Answer: JSON `{cert, key?, ca}` of PEM texts.
    func keyPair(_ name: String, profile: JSONValue) async throws(Problem) -> Data
    /// A certificate chain for a signing request.
    func issueCertificate(request: String, profile: JSONValue) async throws(Problem) -> Data
    /// A revocation list of the named authority that lists `serials` (lower-case hex), PEM.
    func revocationList(authority: String, serials: [String]) async throws(Problem) -> Data

    // One-way, already rate-limited.
    func log(severity: Int, message: String, fields: JSONValue?)
    func progress(_ per10000: Int, phase: String)
    func event(_ type: String, data: JSONValue)
}

/// Runs plugins. The one implementation is ``GuestPool``; tests and simulations bring their own.
public protocol PluginRuntime: Sendable {
    /// Loads the library in a throw-away guest and returns its descriptor, or why it cannot be used.
    func inspect(library path: String) async throws(Problem) -> Inspection

    /// Makes a library callable under its pin.
    func register(_ pin: PluginPin, manifest: PluginManifest, library path: String) async

    /// Forgets a library: calls under its pin fail with `plugin-unavailable`, its guests end.
    func unregister(_ pin: PluginPin) async

    /// Calls under this pin fail with `plugin-quarantined` and `reason` until it is lifted; its guests end.
    func quarantine(_ pin: PluginPin, reason: String) async

    /// Ends a quarantine, whoever began it, and forgets the crashes that led to it.
    func lift(_ pin: PluginPin) async

    /// Versions that the runtime has put into quarantine because their processes kept crashing, each once. For one reader.
    var crashLoops: AsyncStream<CrashLoop> { get }

    /// One call from start to end in a guest of its own.
    ///
    /// - Returns: the verb's result document, or an object of the typed operation's out parameters by name.
    /// - Throws: the plugin's problem, or `plugin-crashed`, `plugin-protocol`, `plugin-unavailable`, `deadline-exceeded`, `cancelled`.
    ///   Cancelling the task asks the plugin to stop and kills the guest when it has not within 5 s.
    func call(_ call: PluginCall, services: any HostServices) async throws(Problem) -> JSONValue
}

/// Why a version was put into quarantine by the runtime itself.
public struct CrashLoop: Sendable, Hashable {
    public var pin: PluginPin
    /// A sentence for the admin: how often, within which time, how it ended last.
    public var reason: String
    /// What its last process wrote at the end, oldest first.
    public var lines: [String]

    public init(pin: PluginPin, reason: String, lines: [String]) {
        self.pin = pin
        self.reason = reason
        self.lines = lines
    }
}

/// What a throw-away guest told of a library.
public struct Inspection: Sendable, Hashable {
    public var manifest: PluginManifest
    public var sha256: String
    public var sandbox: [SandboxLayer]

    public init(manifest: PluginManifest, sha256: String, sandbox: [SandboxLayer]) {
        self.manifest = manifest
        self.sha256 = sha256
        self.sandbox = sandbox
    }
}
