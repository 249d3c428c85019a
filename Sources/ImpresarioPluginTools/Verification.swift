// SPDX-License-Identifier: Apache-2.0

import Foundation
public import ImpresarioModel
import ImpresarioPlugins

/// Checks a plugin the way the broker and the worst day of its life would treat it, and grades it.
///
///     let ground = try await Ground.open(.auto, cache: "/var/cache/impresario", logger: logger)
///     let report = try await Verification(library: "./libetcd.so", guest: guest, ground: ground).run { print($0) }
///     try await ground.close()
public struct Verification: Sendable {
    public struct Options: Sendable {
        /// What is drawn follows from it: the same seed checks the same things.
        public var seed: UInt64 = 1
        /// Only this cluster type of the plugin.
        public var type: String?
        /// Nodes of a cluster, at most; parameters are chosen accordingly.
        public var mostNodes = 3
        /// Parameters of the clusters that are made; nil chooses some.
        public var parameters: JSONValue?
        /// Only these groups of checks.
        public var groups: Set<String>?
        /// Points at which a verb is disturbed, for each kind of disturbance; nil: 3 on real nodes, 40 on simulated ones.
        public var points: Int?

        public init() {}
    }

    let path: String
    let guest: String
    let ground: Ground
    let options: Options

    /// - Parameters:
    ///   - library: the plugin's file.
    ///   - guest: the guest host's executable.
    public init(library path: String, guest: String, ground: Ground, options: Options = Options()) {
        self.path = URL(fileURLWithPath: path).standardizedFileURL.path
        self.guest = guest
        self.ground = ground
        self.options = options
    }

    /// Runs all checks. Cancelling the task ends the run; nodes are gone when the ground is closed.
    ///
    /// - Throws: ``Problem`` when there is nothing to check, `CancellationError`.
    public func run(progress: @escaping @Sendable (VerificationProgress) -> Void = { _ in }) async throws -> VerificationReport {
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw Problem(.invalidUsage, "The library \(path) cannot be read.", field: "file")
        }
        try checkGroups()
        let list = CheckList(groups: options.groups, seed: options.seed, progress: progress)
        let inspection = await LoadChecks.inspect(path, guest)
        let library: Library?
        if case .success(let found) = inspection {
            let pin = PluginPin(id: found.manifest.id, version: found.manifest.version, sha256: found.sha256)
            library = Library(path: path, guest: guest, pin: pin, manifest: found.manifest)
        } else {
            library = nil
        }
        try await LoadChecks(path: path, guest: guest).run(list, inspection)
        if let library {
            let types = library.manifest.types.filter { options.type == nil || $0.id == options.type }
            guard !types.isEmpty else {
                throw Problem(
                    .invalidUsage, "The plugin has no type '\(options.type ?? "")'.", field: "type",
                    remedy: "It has: \(library.manifest.types.map(\.id).joined(separator: ", ")).")
            }
            for type in types {
                list.type = type.id
                try await TypeChecks(Stage(library: library, type: type, ground: ground), options, list).run()
            }
        }
        return VerificationReport(
            plugin: library?.pin.id ?? URL(fileURLWithPath: path).lastPathComponent, version: library?.pin.version ?? "",
            sha256: library?.pin.sha256 ?? "", nodes: ground.kind, obstacle: ground.obstacle, seed: options.seed, checks: list.checks)
    }

    private func checkGroups() throws(Problem) {
        let known = CheckGroup.allCases.map(\.rawValue)
        if let odd = options.groups?.sorted().first(where: { !known.contains($0) }) {
            throw Problem(
                .invalidUsage, "There is no group of checks '\(odd)'.", field: "only",
                remedy: "There are: \(known.joined(separator: ", ")).")
        }
    }
}
