// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import ImpresarioModel
public import Logging
import Synchronization

/// Makes nodes as system containers on this machine. Needs root, runc, and what ``Doctor`` names.
///
/// Everything it knows is in its folder and in the kernel, under the installation's name; nothing is in memory only. A container isolates
/// resources; it is no boundary against a hostile root inside.
///
/// Life of a node, with the function that makes each step:
///
///     nothing ── create: record(making) → fabric → namespace → disk → record(made) ── start ──▶ running
///     running ── stop ──▶ stopped ── start ──▶ running
///     anything ── destroy: record(destroying) → container → cgroups → namespace → rules → files → record ──▶ nothing
public final class LocalDriver: InfrastructureDriver {
    public struct Options: Sendable {
        /// Where exposed ports are reachable: an address of this machine.
        public var publishAddress = "127.0.0.1"
        /// What exposed ports are drawn from.
        public var publishPorts = 20_000...29_999

        public init() {}
    }

    public let name = "local"

    let names: LocalNames
    let state: StateFolder
    let cgroups: Cgroups
    let layers: PackageLayers
    let skeleton: Skeleton
    let network: NodeNetwork
    let options: Options
    /// `node:port` of what this process has published.
    let published = Mutex<Set<String>>([])
    let logger: Logger
    /// What this process may pass on; the runtime refuses a capability outside it.
    let bounding = ContainerConfiguration.boundingSet()
    /// Held per node by whatever changes what exists of it.
    let lock = KeyedLock()
    /// The lock of things that belong to no node: upper case, so it cannot be a node's id.
    static let leftovers = "LEFTOVERS"
    /// Tells this process's own short commands from those that an earlier process left.
    let generation = Int(Date().timeIntervalSince1970 * 1000)

    /// - Parameters:
    ///   - installation: A DNS label of at most 30 characters, unique to the data folder.
    ///   - directory: The driver's own folder; made when absent. Disks of nodes lie there.
    ///   - cacheDirectory: Package layers; may be shared by installations.
    /// - Throws: ``Problem`` when the machine cannot carry nodes at all.
    public init(
        installation: String, directory: URL, cacheDirectory: URL, logger: Logger, options: Options = Options()
    ) throws(Problem) {
        try Name.check(installation, field: "installation")
        guard installation.utf8.count <= 30 else {
            throw Problem(.invalidName, "The installation's name has more than 30 characters.", field: "installation")
        }
        guard IPv4Address(options.publishAddress) != nil else {
            throw Problem(.invalidParameters, "'\(options.publishAddress)' is not an IPv4 address.", field: "publishAddress", owner: .admin)
        }
        guard geteuid() == 0 else {
            throw Problem(.denied, "The local driver makes containers and networks, which needs root.", owner: .admin)
        }
        do {
            names = LocalNames(installation: installation)
            state = StateFolder(path: directory.standardizedFileURL.path(percentEncoded: false).withoutTrailingSlash)
            let cache = cacheDirectory.standardizedFileURL.path(percentEncoded: false).withoutTrailingSlash
            for path in [state.path, cache] where path.contains(/[:,\\"]/) {
                throw Problem(.infrastructure, "The folder '\(path)' has a character in its name that mounts cannot take.", owner: .admin)
            }
            cgroups = try Cgroups.detect()
            layers = PackageLayers(folder: cache, logger: logger)
            skeleton = Skeleton(folder: state.skeletons)
            network = NodeNetwork(
                names: names, state: state, firewall: HostFirewall(names: names, publishAddress: options.publishAddress))
            self.options = options
            self.logger = logger
            for folder in [state.path, state.nodes, state.fabrics, state.skeletons, LocalNames.runtime] { try Disk.makeFolder(folder) }
            try Disk.makeFolder(cache, mode: 0o755)
        } catch {
            throw Problem(wrapping: error)
        }
    }

    public func capacity() async throws(Problem) -> ResourceVector {
        try await asProblem {
            let cores = try await Tools.run("nproc", [])
            let memory = (Disk.readText("/proc/meminfo") ?? "").firstMatch(of: /MemTotal:\s+([0-9]+) kB/).flatMap { Int64($0.1) }
            var file = statvfs()
            guard statvfs(self.state.path, &file) == 0 else { throw Disk.failure("asking about", self.state.path) }
            return [
                ResourceVector.cpu: (Int64(cores.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 1) * 1000,
                ResourceVector.memory: (memory ?? 0) << 10,
                ResourceVector.disk: Int64(file.f_bavail) * Int64(file.f_frsize),
            ]
        }
    }

    /// The record of a node that exists whole.
    func record(_ id: ID<Node>) throws -> NodeRecord {
        try Name.check(id.rawValue, field: "node")
        guard let record = try state.node(id).read(), record.phase == .made else {
            throw Problem(.notFound, "There is no node \(id) on this machine.", owner: .infrastructure)
        }
        return record
    }

    /// The node's init as the host sees it; nil when it does not run.
    func initProcess(_ id: ID<Node>) -> pid_t? {
        guard let text = Disk.readText(state.node(id).processID), let process = pid_t(text), process > 1 else { return nil }
        return cgroups.contains(process, names.cgroup(id)) && Self.isAlive(process) ? process : nil
    }

    static func isAlive(_ process: pid_t) -> Bool {
        guard let text = Disk.readText("/proc/\(process)/stat"), let end = text.lastIndex(of: ")") else { return false }
        let state = text[text.index(after: end)...].drop { $0 == " " }.first
        return state != "Z" && state != "X"
    }

    func runc(_ arguments: [String]) -> [String] { ["--root", "\(names.runtime)/runc"] + arguments }

    /// Whatever goes wrong becomes a problem; so does a cancelled task.
    func asProblem<Value: Sendable>(_ body: () async throws -> Value) async throws(Problem) -> Value {
        do {
            return try await body()
        } catch is CancellationError {
            throw Problem(.cancelled, "The work on the node was cancelled.")
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem(.infrastructure, "The local driver failed.", detail: String(describing: error))
        }
    }
}

extension String {
    fileprivate var withoutTrailingSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}
