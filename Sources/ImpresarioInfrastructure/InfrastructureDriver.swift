// SPDX-License-Identifier: Apache-2.0

public import FoundationEssentials
public import ImpresarioModel

/// What a driver is asked to make. Everything in it was decided and recorded at admission.
public struct NodeSpecification: Codable, Hashable, Sendable {
    public var id: ID<Node>
    /// Also the host name inside.
    public var name: String
    public var cluster: ID<Cluster>
    public var project: ID<Project>
    /// The project's IPv4 network; its first address is the gateway.
    public var network: String
    /// Within `network`.
    public var address: String
    /// `cpu` in millicores, `memory` and `disk` in bytes; other keys are the broker's business.
    public var resources: ResourceVector
    /// Debian packages whose programs must be found inside.
    public var packages: [String]
    public var allowsEgress: Bool
    /// Name to address of the cluster's nodes, for `/etc/hosts`.
    public var peers: [String: String]
    /// The share of a machine that it stands on, where a machine is more than one host.
    public var share: String?

    public init(
        id: ID<Node>, name: String, cluster: ID<Cluster>, project: ID<Project>, network: String, address: String,
        resources: ResourceVector, packages: [String], allowsEgress: Bool, peers: [String: String], share: String? = nil
    ) {
        self.id = id
        self.name = name
        self.cluster = cluster
        self.project = project
        self.network = network
        self.address = address
        self.resources = resources
        self.packages = packages
        self.allowsEgress = allowsEgress
        self.peers = peers
        self.share = share
    }
}

/// Which attempt of which operation a command belongs to. Commands of earlier attempts can be killed and awaited by it.
public struct Fence: Hashable, Sendable, Codable {
    /// An operation's id or another DNS label.
    public var operation: String
    public var attempt: Int

    public init(operation: String, attempt: Int) {
        self.operation = operation
        self.attempt = attempt
    }
}

public struct NodeCommand: Hashable, Sendable {
    public var arguments: [String]
    public var environment: [String: String]
    /// A user name of the node; nil is root.
    public var user: String?
    public var workingDirectory: String?
    public var input: Data
    public var timeout: Duration
    /// Bytes kept of each of stdout and stderr; the rest is read and dropped, and told.
    public var outputLimit: Int

    public init(
        _ arguments: [String], environment: [String: String] = [:], user: String? = nil, workingDirectory: String? = nil,
        input: Data = Data(), timeout: Duration = .seconds(60), outputLimit: Int = 1 << 20
    ) {
        self.arguments = arguments
        self.environment = environment
        self.user = user
        self.workingDirectory = workingDirectory
        self.input = input
        self.timeout = timeout
        self.outputLimit = outputLimit
    }
}

public struct CommandOutcome: Hashable, Sendable {
    /// 128 + signal for a killed command.
    public var exitCode: Int32
    public var output: Data
    public var error: Data
    public var isTruncated: Bool
    public var timedOut: Bool

    public init(exitCode: Int32, output: Data, error: Data, isTruncated: Bool = false, timedOut: Bool = false) {
        self.exitCode = exitCode
        self.output = output
        self.error = error
        self.isTruncated = isTruncated
        self.timedOut = timedOut
    }
}

/// A file to be written aside and renamed into place inside a node.
public struct NodeFile: Hashable, Sendable {
    /// Absolute, without `..`.
    public var path: String
    public var content: Data
    public var mode: UInt32
    /// `user` or `user:group` of the node; nil is root.
    public var owner: String?

    public init(path: String, content: Data, mode: UInt32 = 0o644, owner: String? = nil) {
        self.path = path
        self.content = content
        self.mode = mode
        self.owner = owner
    }
}

/// A supervised daemon. Declared, not scripted: the driver keeps it running, also over a restart of the node.
public struct ServiceSpecification: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable { case running, stopped, absent }

    /// When the service counts as started. One of the members is set.
    public struct Readiness: Codable, Hashable, Sendable {
        /// Exit code 0.
        public var exec: [String]?
        /// Something accepts on this port of 127.0.0.1 or of the node's address.
        public var tcp: Int?
        /// This path exists.
        public var file: String?
        /// Milliseconds; 60,000 when absent.
        public var timeout: Int?

        public init(exec: [String]? = nil, tcp: Int? = nil, file: String? = nil, timeout: Int? = nil) {
            self.exec = exec
            self.tcp = tcp
            self.file = file
            self.timeout = timeout
        }
    }

    /// A DNS label.
    public var name: String
    public var state: State
    public var argv: [String]?
    public var env: [String: String]?
    public var user: String?
    public var ready: Readiness?

    public init(
        name: String, state: State, argv: [String]? = nil, env: [String: String]? = nil, user: String? = nil,
        ready: Readiness? = nil
    ) {
        self.name = name
        self.state = state
        self.argv = argv
        self.env = env
        self.user = user
        self.ready = ready
    }
}

/// A node as the driver finds it.
public struct NodeStatus: Hashable, Sendable {
    public enum State: String, Sendable {
        case running, stopped
        /// Begun and not finished, or half destroyed.
        case partial
    }

    public var id: ID<Node>
    public var cluster: ID<Cluster>?
    public var state: State
    /// The share of the machine that it was made on; nil also when that is not known any more.
    public var share: String?

    public init(id: ID<Node>, cluster: ID<Cluster>?, state: State, share: String? = nil) {
        self.id = id
        self.cluster = cluster
        self.state = state
        self.share = share
    }
}

/// Makes and runs nodes on one kind of infrastructure.
///
/// Every call is idempotent by node id: repeating one that was interrupted anywhere leads to the same end. Calls for different nodes may run
/// at once. Errors are ``Problem`` values with owner `infrastructure` or `admin`. A node is hostile: nothing it holds is followed on the host.
public protocol InfrastructureDriver: Sendable {
    /// Its name in a host record.
    var name: String { get }

    /// What this machine has: `cpu`, `memory`, `disk`.
    func capacity() async throws(Problem) -> ResourceVector

    /// The node exists and runs when this returns. Packages that the machine lacks are fetched into a cached layer first.
    func create(_ node: NodeSpecification) async throws(Problem)

    /// Nothing of the node is left when this returns; no error when there was nothing.
    func destroy(_ node: ID<Node>) async throws(Problem)

    func start(_ node: ID<Node>) async throws(Problem)

    /// TERM, then KILL when `grace` is over. Disk and address stay.
    func stop(_ node: ID<Node>, grace: Duration) async throws(Problem)

    /// Runs a command and waits for it, in a cgroup named by the fence. A non-zero exit is an outcome, not an error.
    /// Cancelling the task kills the command and awaits its end.
    func execute(_ command: NodeCommand, on node: ID<Node>, fence: Fence) async throws(Problem) -> CommandOutcome

    /// Kills and awaits every command of this operation with an attempt lower than the fence's.
    func enforce(_ fence: Fence, on node: ID<Node>) async throws(Problem)

    func put(_ files: [NodeFile], on node: ID<Node>) async throws(Problem)

    /// A regular file's content. Links and special files are refused; more than `limit` bytes is an error.
    func get(_ path: String, limit: Int, from node: ID<Node>) async throws(Problem) -> Data

    /// Returns when the declared state is reached (`running`: ready), or fails with what the service said last.
    func declare(_ service: ServiceSpecification, on node: ID<Node>, fence: Fence) async throws(Problem)

    /// Makes a port of the node reachable where tenants are. The same address is given again for the same node and port.
    ///
    /// - Returns: `host:port`.
    func expose(port: Int, of node: ID<Node>) async throws(Problem) -> String

    /// Every node under this installation's id, whole or not.
    func list() async throws(Problem) -> [NodeStatus]

    /// What else this installation left outside its store for projects without nodes (networks, address translations) is taken away.
    func removeUnused() async throws(Problem)
}
