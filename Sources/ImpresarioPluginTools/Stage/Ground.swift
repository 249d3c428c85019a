// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioInfrastructure
public import ImpresarioModel
import ImpresarioStore
public import Logging
import Synchronization

/// Where nodes come from, for one run of a tool.
///
/// Real nodes stand below a folder that is locked while the run lives. What a killed run left is taken away by the next one.
public final class Ground: Sendable {
    public enum Choice: String, Sendable, CaseIterable { case auto, local, simulated }

    public let kind: NodeKind
    /// Why the nodes are not real ones though they might have been.
    public let obstacle: String?
    let driver: any InfrastructureDriver
    let logger: Logger
    private let folder: DataFolder?
    private let addresses = Mutex<Set<Int>>([])
    /// Of every node.
    let network = "10.219.64.0/24"

    /// Where runs have their folders: on a disk, for nodes cannot live on every kind of file system.
    private static let runs = "/var/tmp/impresario-verify"

    private init(
        kind: NodeKind, obstacle: String?, driver: any InfrastructureDriver, folder: DataFolder?, logger: Logger
    ) {
        self.kind = kind
        self.obstacle = obstacle
        self.driver = driver
        self.folder = folder
        self.logger = logger
    }

    /// - Parameter cache: the folder of unpacked packages.
    /// - Throws: ``Problem`` when real nodes were asked for and cannot be made here.
    public static func open(_ choice: Choice, cache: String, logger: Logger) async throws(Problem) -> Ground {
        guard choice != .simulated else { return simulated(obstacle: nil, logger) }
        let missing = await Doctor.examine().filter { $0.state == .missing }
        if let first = missing.first {
            let obstacle = "\(first.name): \(first.message)"
            guard choice == .auto else {
                throw Problem(
                    .infrastructure, "Real nodes cannot be made here (\(obstacle)).", owner: .admin,
                    remedy: first.remedy ?? "See impresario doctor, or choose --nodes simulated.")
            }
            return simulated(obstacle: obstacle, logger)
        }
        await removeLeftovers(cache: cache, logger: logger)
        let folder = try DataFolder(path: "\(runs)/\(UUID().uuidString.prefix(8).lowercased())")
        let driver = try driver(in: folder, cache: cache, logger)
        return Ground(kind: .local, obstacle: nil, driver: driver, folder: folder, logger: logger)
    }

    private static func simulated(obstacle: String?, _ logger: Logger) -> Ground {
        Ground(kind: .simulated, obstacle: obstacle, driver: SimulatedDriver(), folder: nil, logger: logger)
    }

    private static func driver(in folder: DataFolder, cache: String, _ logger: Logger) throws(Problem) -> LocalDriver {
        try LocalDriver(
            installation: folder.installation, directory: URL(fileURLWithPath: folder.path(of: "local")),
            cacheDirectory: URL(fileURLWithPath: cache), logger: logger)
    }

    /// Nothing is left behind when this returns.
    public func close() async throws(Problem) {
        try await Self.clear(driver)
        if let folder { try? FileManager.default.removeItem(atPath: folder.path) }
    }

    private static func clear(_ driver: any InfrastructureDriver) async throws(Problem) {
        for node in try await driver.list() { try await driver.destroy(node.id) }
        try await driver.removeUnused()
    }

    /// What runs that were killed left. Folders of runs that live are locked.
    private static func removeLeftovers(cache: String, logger: Logger) async {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: runs)) ?? [] {
            guard let folder = try? DataFolder(path: "\(runs)/\(name)"), let driver = try? driver(in: folder, cache: cache, logger) else {
                continue
            }
            do throws(Problem) {
                try await clear(driver)
                try? FileManager.default.removeItem(atPath: folder.path)
            } catch {
                logger.warning("an earlier run left nodes", metadata: ["folder": "\(folder.path)", "problem": "\(error.message)"])
            }
        }
    }

    func takeAddress() throws(Problem) -> String {
        let number = addresses.withLock { taken in
            let free = (10...250).first { !taken.contains($0) }
            if let free { taken.insert(free) }
            return free
        }
        guard let number else { throw Problem(.noAddresses, "The network \(network) has no free address left.") }
        return network.replacing("0/24", with: "\(number)")
    }

    func giveBack(_ address: String) {
        guard let number = address.split(separator: ".").last.flatMap({ Int($0) }) else { return }
        _ = addresses.withLock { $0.remove(number) }
    }
}
