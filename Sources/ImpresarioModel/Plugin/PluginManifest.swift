// SPDX-License-Identifier: Apache-2.0

/// What a plugin says of itself: its descriptor, read once in a guest and kept.
public struct PluginManifest: Codable, Hashable, Sendable {
    public var id: String
    public var version: String
    public var vendor: String
    public var license: String
    public var url: String?
    public var stateFormat: Int
    /// Debian packages its plans may ask for.
    public var packages: [String]
    public var types: [ClusterType]

    public init(
        id: String, version: String, vendor: String, license: String, url: String?, stateFormat: Int, packages: [String],
        types: [ClusterType]
    ) {
        self.id = id
        self.version = version
        self.vendor = vendor
        self.license = license
        self.url = url
        self.stateFormat = stateFormat
        self.packages = packages
        self.types = types
    }
}

/// A kind of cluster that a plugin knows.
public struct ClusterType: Codable, Hashable, Sendable {
    public var id: String
    public var name: String
    public var summary: String
    /// Markdown.
    public var description: String
    public var capabilities: [String]
    /// JSON Schema of the parameters of create.
    public var createSchema: JSONValue
    /// JSON Schema of the parameters that can be changed later; nil: none.
    public var updateSchema: JSONValue?
    /// JSON Schema of the parameters of a binding: `role` and what else the type knows.
    public var bindingSchema: JSONValue?
    /// The verbs it implements.
    public var verbs: [String]
    public var operations: [TypedOperation]

    public init(
        id: String, name: String, summary: String, description: String, capabilities: [String], createSchema: JSONValue,
        updateSchema: JSONValue? = nil, bindingSchema: JSONValue?, verbs: [String], operations: [TypedOperation]
    ) {
        self.id = id
        self.name = name
        self.summary = summary
        self.description = description
        self.capabilities = capabilities
        self.createSchema = createSchema
        self.updateSchema = updateSchema
        self.bindingSchema = bindingSchema
        self.verbs = verbs
        self.operations = operations
    }
}

/// A plugin's own operation: a C function with a natural signature, called through libffi.
public struct TypedOperation: Codable, Hashable, Sendable {
    public var id: String
    public var summary: String
    public var since: String?
    public var deprecated: String?
    public var isReadOnly: Bool
    public var isIdempotent: Bool
    public var isDestructive: Bool
    public var isLong: Bool
    public var parameters: [TypedParameter]

    public init(
        id: String, summary: String, since: String?, deprecated: String?, isReadOnly: Bool, isIdempotent: Bool,
        isDestructive: Bool, isLong: Bool, parameters: [TypedParameter]
    ) {
        self.id = id
        self.summary = summary
        self.since = since
        self.deprecated = deprecated
        self.isReadOnly = isReadOnly
        self.isIdempotent = isIdempotent
        self.isDestructive = isDestructive
        self.isLong = isLong
        self.parameters = parameters
    }
}

public struct TypedParameter: Codable, Hashable, Sendable {
    /// In the order and with the meaning of `IMP_BOOL` … `IMP_STRS` in `impresario/plugin.h`.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case bool, i32, u32, i64, u64, f64, string, json, node, duration, bytes, strings
    }

    public var name: String
    public var summary: String
    public var kind: Kind
    public var isOut: Bool
    public var isOptional: Bool
    public var isSecret: Bool
    public var defaultValue: JSONValue?
    public var schema: JSONValue?

    public init(
        name: String, summary: String, kind: Kind, isOut: Bool, isOptional: Bool, isSecret: Bool, defaultValue: JSONValue?,
        schema: JSONValue?
    ) {
        self.name = name
        self.summary = summary
        self.kind = kind
        self.isOut = isOut
        self.isOptional = isOptional
        self.isSecret = isSecret
        self.defaultValue = defaultValue
        self.schema = schema
    }
}

/// An installed plugin version.
public struct Plugin: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable {
        /// Checked and kept; no cluster may use it until it is enabled.
        case installed
        /// New clusters get it. At most one version of a plugin is enabled.
        case enabled
        /// Existing clusters stay managed, new ones are refused or get the version that is enabled.
        case disabled
        /// Nothing calls it until an admin lifts the quarantine. Its clusters run on and can be deleted.
        case quarantined
    }

    /// Why a version is not called any more.
    public struct Quarantine: Codable, Hashable, Sendable {
        /// A sentence for the admin.
        public var reason: String
        /// What its processes wrote last, oldest first.
        public var lines: [String]
        public var since: Timestamp
        /// The state that lifting goes back to.
        public var previous: State

        public init(reason: String, lines: [String], since: Timestamp, previous: State) {
            self.reason = reason
            self.lines = lines
            self.since = since
            self.previous = previous
        }
    }

    public var pin: PluginPin
    public var manifest: PluginManifest
    public var state: State
    /// Each layer of the guest's sandbox and whether this machine gave it.
    public var sandbox: [SandboxLayer]
    public var installedAt: Timestamp
    /// The packages of the manifest that an admin lets its plans put on nodes; nil: all of them.
    public var approvedPackages: [String]?
    /// Present while it is quarantined.
    public var quarantine: Quarantine?

    public init(
        pin: PluginPin, manifest: PluginManifest, state: State, sandbox: [SandboxLayer], installedAt: Timestamp,
        approvedPackages: [String]? = nil, quarantine: Quarantine? = nil
    ) {
        self.pin = pin
        self.manifest = manifest
        self.state = state
        self.sandbox = sandbox
        self.installedAt = installedAt
        self.approvedPackages = approvedPackages
        self.quarantine = quarantine
    }

    /// What its plans may put on nodes.
    public var allowedPackages: [String] { approvedPackages ?? manifest.packages }
}

public struct SandboxLayer: Codable, Hashable, Sendable {
    public var name: String
    public var isActive: Bool
    /// Why not, or with which bounds.
    public var detail: String

    public init(name: String, isActive: Bool, detail: String) {
        self.name = name
        self.isActive = isActive
        self.detail = detail
    }
}
