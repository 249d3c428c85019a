// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// The machine's control groups, whichever way they are mounted.
///
/// * v1 (and hybrid, which for containers is v1): a hierarchy per controller. Commands are told apart in `tracker` alone; in all other
///   hierarchies they stand in the node's own group, where its limits hold.
/// * v2: one hierarchy. The node's init moves itself to `<node>/init`, since a group with controllers for its children may hold no processes.
struct Cgroups: Sendable {
    enum Version: Sendable { case v1, v2 }

    let version: Version
    /// Where each hierarchy is mounted.
    let roots: [String]
    /// The v1 controller, and the mount, in which commands are told apart.
    let tracker: (controller: String, root: String)
    /// Whether the kernel counts swap apart; without it a limit on swap is refused.
    let limitsSwap: Bool

    static func detect(at mount: String = "/sys/fs/cgroup") throws -> Cgroups {
        if Disk.exists("\(mount)/cgroup.controllers") {
            return Cgroups(version: .v2, roots: [mount], tracker: ("", mount), limitsSwap: true)
        }
        let hierarchies = Disk.entries(mount).filter { Disk.exists("\(mount)/\($0)/cgroup.procs") }
        guard let tracker = ["freezer", "pids", "devices"].first(where: hierarchies.contains) else {
            throw Problem(
                .infrastructure, "This machine has no control groups at \(mount).", owner: .admin,
                remedy: "Mount them (systemd and the package cgroupfs-mount do), then start again.")
        }
        return Cgroups(
            version: .v1, roots: hierarchies.map { "\(mount)/\($0)" }, tracker: (tracker, "\(mount)/\(tracker)"),
            limitsSwap: Disk.exists("\(mount)/memory/memory.memsw.limit_in_bytes"))
    }

    /// Whether a process stands in this group or below. A process id alone may have been given to another process since.
    func contains(_ process: pid_t, _ group: String) -> Bool {
        guard let text = Disk.readText("/proc/\(process)/cgroup") else { return false }
        return text.split(separator: "\n").contains { line in
            let path = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).last ?? ""
            return path == "/\(group)" || path.hasPrefix("/\(group)/")
        }
    }

    /// A new group for one command, among those of the node.
    func makeCommandGroup(of node: String, operation: String, attempt: Int) throws -> (path: String, argument: String) {
        let parent = "\(tracker.root)/\(node)/x/\(operation)"
        try Disk.makeFolder(parent, mode: 0o755)
        for number in 0... {
            let name = "\(attempt)-\(number)"
            if mkdir("\(parent)/\(name)", 0o755) == 0 {
                let inside = "x/\(operation)/\(name)"
                return ("\(parent)/\(name)", version == .v2 ? inside : "\(tracker.controller):\(inside)")
            }
            // The last command of the operation may just have taken the folder away.
            if errno == ENOENT { try Disk.makeFolder(parent, mode: 0o755) }
            guard errno == EEXIST || Disk.exists(parent) else { throw Disk.failure("making a group in", parent) }
        }
        throw Disk.failure("making a group in", parent)
    }

    /// The commands of an operation that were begun by earlier attempts, as paths.
    func commandGroups(of node: String, operation: String, before attempt: Int) -> [String] {
        let parent = "\(tracker.root)/\(node)/x/\(operation)"
        return Disk.entries(parent).filter { name in
            guard let dash = name.lastIndex(of: "-"), let earlier = Int(name[..<dash]) else { return false }
            return earlier < attempt
        }.map { "\(parent)/\($0)" }
    }

    /// Every process of the group and of those below it.
    static func processes(_ path: String) -> [pid_t] {
        let own = (Disk.readText("\(path)/cgroup.procs") ?? "").split(separator: "\n").compactMap { pid_t($0) }
        return own + children(path).flatMap(processes)
    }

    private static func children(_ path: String) -> [String] {
        Disk.entries(path).map { "\(path)/\($0)" }.filter {
            var status = stat()
            return lstat($0, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        }
    }

    /// Kills every process of the group and waits for their end. Cancellation does not interrupt it.
    ///
    /// The group is frozen meanwhile where the kernel can, so that nothing forks away. Processes of the host (the runtime that brought a
    /// command in) are given a moment to end by themselves when the node's are gone: they reap what was killed, which a killed one could not.
    static func kill(_ path: String, patience: Duration = .seconds(10)) async throws {
        let deadline = ContinuousClock.now + patience
        var sparesHost: ContinuousClock.Instant?
        while true {
            let processes = processes(path)
            if processes.isEmpty { return }
            guard ContinuousClock.now < deadline else {
                throw Problem(.infrastructure, "Processes of a node could not be killed.", detail: "\(path): \(processes)")
            }
            let ofNode = processes.filter { !isOfHost($0) }
            if ofNode.isEmpty && sparesHost == nil { sparesHost = ContinuousClock.now + .milliseconds(500) }
            let isOver = sparesHost.map { ContinuousClock.now >= $0 } ?? false
            let freezer = "\(path)/freezer.state"
            let freezes = Disk.exists(freezer) && !ofNode.isEmpty
            if freezes { try? Disk.set(freezer, "FROZEN") }
            for process in isOver ? processes : ofNode where process > 1 { _ = Glibc.kill(process, SIGKILL) }
            if freezes { try? Disk.set(freezer, "THAWED") }
            await pause(milliseconds: 3)
        }
    }

    /// Whether a process stands in this process's own pid namespace rather than in a node's.
    private static func isOfHost(_ process: pid_t) -> Bool {
        guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid") else { return false }
        return (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/pid")) == own
    }

    /// Also when the task is cancelled, when `Task.sleep` would return at once.
    static func pause(milliseconds: Int) async {
        if Task.isCancelled { usleep(UInt32(milliseconds) * 1000) } else { try? await Task.sleep(for: .milliseconds(milliseconds)) }
    }

    /// Removes the group with those below it; they hold no processes any more.
    static func remove(_ path: String) async throws {
        let deadline = ContinuousClock.now + .seconds(5)
        while Disk.exists(path) {
            for child in children(path) { try await remove(child) }
            if rmdir(path) == 0 || errno == ENOENT { return }
            guard errno == EBUSY || errno == ENOTEMPTY, ContinuousClock.now < deadline else { throw Disk.failure("removing", path) }
            await pause(milliseconds: 3)
        }
    }

    /// Kills and removes a group in every hierarchy.
    func clear(_ group: String) async throws {
        for root in roots where Disk.exists("\(root)/\(group)") { try await Self.kill("\(root)/\(group)") }
        for root in roots { try await Self.remove("\(root)/\(group)") }
    }
}
