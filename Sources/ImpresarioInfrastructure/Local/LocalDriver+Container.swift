// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// Starting and clearing away a node's container. The caller holds the node's lock.
extension LocalDriver {
    /// Mounts the node's disk and root in a mount namespace that only the container keeps, so that nothing shows in the host's mount table
    /// and everything goes with the node. The mount points belong to the host; what is mounted inside the root is left to the runtime.
    ///
    /// It runs in a control group of its own: should this process die meanwhile, the next one finds and ends the start before it does anything.
    private static let mountAndRun = """
        echo 0 > "$4/cgroup.procs"
        umask 022
        cd "$1"
        mount -t ext4 -o loop,discard,noatime disk.img disk
        mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/disk/root/upper,workdir=$1/disk/root/work" root
        exec runc --root "$0" run --detach --bundle "$1" --pid-file "$1/pid" "$3" </dev/null >"$1/start.log" 2>&1
        """

    func run(_ record: NodeRecord) async throws {
        let id = record.specification.id
        if initProcess(id) != nil { return }
        try await removeContainer(id)
        let folder = state.node(id)
        for path in [folder.disk, folder.root, names.runtime] { try Disk.makeFolder(path, mode: 0o755) }
        let configuration = ContainerConfiguration.make(
            record.specification, folder: folder, layers: record.layers, names: names, cgroups: cgroups,
            bounding: bounding)
        try CanonicalJSON.encode(configuration).write(to: URL(filePath: folder.configuration))
        let lower = (record.layers + ["\(state.skeletons)/\(record.skeleton ?? "")"]).joined(separator: ":")
        let starting = "\(cgroups.tracker.root)/\(names.starting(id))"
        try Disk.makeFolder(starting, mode: 0o755)
        let outcome = try await Tools.outcome(
            "unshare",
            [
                "--mount", "--propagation", "private", "sh", "-ec", Self.mountAndRun, "\(names.runtime)/runc", folder.path, lower,
                names.node(id), starting,
            ])
        rmdir(starting)
        guard outcome.exitCode == 0, initProcess(id) != nil else {
            let said = String(decoding: outcome.error.suffix(2000), as: UTF8.self) + (Disk.readText(folder.log) ?? "").suffix(2000)
            try await removeContainer(id)
            throw Problem(.infrastructure, "The node \(record.specification.name) could not be started.", detail: said)
        }
    }

    /// The loop device goes with the last mount; one that is left would keep the space of the removed file.
    func detach(_ image: String) async throws {
        let deadline = ContinuousClock.now + .seconds(5)
        while Disk.exists(image) {
            let devices = Disk.entries("/sys/block").filter {
                $0.hasPrefix("loop")
                    && Disk.readText("/sys/block/\($0)/loop/backing_file")?.trimmingCharacters(in: .newlines) == image
            }
            if devices.isEmpty { return }
            guard ContinuousClock.now < deadline else {
                throw Problem(.infrastructure, "A node's disk is still in use.", detail: "\(devices) of \(image)")
            }
            for device in devices { _ = try await Tools.outcome("losetup", ["--detach", "/dev/\(device)"]) }
            await Cgroups.pause(milliseconds: 10)
        }
    }

    /// No process, container or control group of the node is left. Its disk, address and record stay.
    func removeContainer(_ id: ID<Node>) async throws {
        let container = names.node(id)
        try await cgroups.clear(names.starting(id))
        for root in cgroups.roots { try await Cgroups.kill("\(root)/\(names.cgroup(id))") }
        if Disk.exists("\(names.runtime)/runc/\(container)") {
            try await Tools.run("runc", runc(["delete", "--force", container]))
        }
        try await cgroups.clear(names.cgroup(id))
        try Disk.remove(state.node(id).processID)
    }
}
