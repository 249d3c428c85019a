// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization

/// The cgroups of one guest: memory, number of processes and, where that can be had, its share of the processors bounded. One folder on cgroup v2, one per controller on v1 and hybrid machines.
struct GuestCgroup: Sendable {
    private static let root = "/sys/fs/cgroup"

    /// A guest runs one call in one thread; what its runtime does beside that may not take a second core. Microseconds in each 100,000.
    private static let cpuQuota = "100000"

    /// Folders to enter.
    let folders: [String]

    /// Where the limits of this machine live. Empty when there is none to be had, also for lack of privilege.
    static func make(installation: String, number: UInt64, memoryLimit: Int64, processLimit: Int) -> GuestCgroup {
        let name = "impresario-\(installation)/guest-\(getpid())-\(number)"
        if FileManager.default.fileExists(atPath: "\(root)/cgroup.controllers") {
            enable(["\(root)", "\(root)/impresario-\(installation)"], installation: installation)
            let folder = "\(root)/\(name)"
            let limits = [
                ("memory.max", "\(memoryLimit)"), ("memory.swap.max", "0"), ("pids.max", "\(processLimit)"),
                ("cpu.max", "\(cpuQuota) 100000"),
            ]
            return GuestCgroup(folders: create(folder, limits: limits, optional: ["memory.swap.max", "cpu.max"]) ? [folder] : [])
        }
        let controllers: [(String, [(String, String)])] = [
            ("memory", [("memory.limit_in_bytes", "\(memoryLimit)"), ("memory.memsw.limit_in_bytes", "\(memoryLimit)")]),
            ("pids", [("pids.max", "\(processLimit)")]),
        ]
        var folders: [String] = []
        for (controller, limits) in controllers {
            let folder = "\(root)/\(controller)/\(name)"
            guard create(folder, limits: limits, optional: ["memory.memsw.limit_in_bytes"]) else {
                GuestCgroup(folders: folders).remove()
                return GuestCgroup(folders: [])
            }
            folders.append(folder)
        }
        let folder = "\(root)/cpu/\(name)"
        if create(folder, limits: [("cpu.cfs_quota_us", cpuQuota)], optional: []) { folders.append(folder) }
        return GuestCgroup(folders: folders)
    }

    /// Whether the kernel ended a process of it for want of memory. Asked before ``remove()``.
    var hasRunOutOfMemory: Bool {
        folders.contains { folder in
            ["memory.events", "memory.oom_control"].contains { file in
                Self.read("\(folder)/\(file)").split(separator: "\n").contains { line in
                    line.hasPrefix("oom_kill ") && line != "oom_kill 0"
                }
            }
        }
    }

    private static func read(_ path: String) -> String {
        guard let file = FileHandle(forReadingAtPath: path), let data = try? file.readToEnd() else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    /// Waits until the dead guest's processes have left, which is soon.
    func remove() {
        for folder in folders {
            for _ in 0..<400 where rmdir(folder) != 0 && errno == EBUSY { usleep(5_000) }
            // The installation's own folder goes with its last guest; while it has others this fails, as it should.
            rmdir((folder as NSString).deletingLastPathComponent)
        }
    }

    /// What a broker that was killed left behind. Folders that are still in use cannot be removed, and stay.
    static func removeStale(installation: String) {
        for parent in ["", "/memory", "/pids", "/cpu"].map({ "\(root)\($0)/impresario-\(installation)" }) {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
            for name in names where name.hasPrefix("guest-") && !name.hasPrefix("guest-\(getpid())-") { rmdir("\(parent)/\(name)") }
            rmdir(parent)
        }
    }

    /// On v2 a controller must be handed down by each folder above.
    private static func enable(_ folders: [String], installation: String) {
        for folder in folders {
            mkdir(folder, 0o755)
            for controller in ["memory", "pids", "cpu"] { _ = write("+\(controller)", to: "\(folder)/cgroup.subtree_control") }
        }
    }

    private static func create(_ folder: String, limits: [(String, String)], optional: Set<String>) -> Bool {
        // The installation's folder may be removed by the end of another guest between the two calls.
        for _ in 0..<10 {
            mkdir((folder as NSString).deletingLastPathComponent, 0o755)
            if mkdir(folder, 0o755) == 0 || errno != ENOENT { break }
        }
        for (file, value) in limits where !write(value, to: "\(folder)/\(file)") && !optional.contains(file) {
            rmdir(folder)
            return false
        }
        return true
    }

    private static func write(_ text: String, to path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count
    }
}
