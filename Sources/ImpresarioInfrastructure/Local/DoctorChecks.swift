// SPDX-License-Identifier: Apache-2.0

import Foundation

enum DoctorChecks {
    typealias Finding = Doctor.Finding

    static func root() -> Finding {
        geteuid() == 0
            ? Finding(name: "root", state: .ok, message: "running as root")
            : Finding(
                name: "root", state: .missing, message: "making containers and networks needs root", remedy: "sudo impresario …")
    }

    /// Program, Debian package, what it is for, and whether nodes can be made without it.
    private static let wanted: [(program: String, package: String, purpose: String, isNeeded: Bool)] = [
        ("runc", "runc", "runs nodes", true),
        ("ip", "iproute2", "makes networks", true),
        ("nft", "nftables", "keeps networks apart", true),
        ("mkfs.ext4", "e2fsprogs", "makes disks of nodes", true),
        ("mount", "mount", "mounts disks of nodes", true),
        ("losetup", "mount", "mounts disks of nodes", true),
        ("unshare", "util-linux", "keeps mounts of nodes out of the machine's", true),
        ("setpriv", "util-linux", "fetches packages without privileges", true),
        ("dpkg-deb", "dpkg", "unpacks packages", true),
        ("apt-get", "apt", "fetches packages", true),
        ("tar", "tar", "unpacks packages", true),
        ("bash", "bash", "waits for services", true),
        ("iptables", "iptables", "passes the firewall of a container engine on this machine", false),
    ]

    static func programs() -> [Finding] {
        wanted.map { program, package, purpose, isNeeded in
            if let path = Tools.find(program) { return Finding(name: program, state: .ok, message: path) }
            return Finding(
                name: program, state: isNeeded ? .missing : .warning, message: "not found; it \(purpose)",
                remedy: "apt-get install \(package)")
        }
    }

    static func kernel() async -> [Finding] {
        var findings: [Finding] = []
        do {
            let cgroups = try Cgroups.detect()
            let version = cgroups.version == .v1 ? "v1 (or hybrid)" : "v2"
            let controllers =
                cgroups.version == .v1
                ? Set(cgroups.roots.compactMap { $0.split(separator: "/").last.map(String.init) })
                : Set((Disk.readText("/sys/fs/cgroup/cgroup.controllers") ?? "").split(whereSeparator: \.isWhitespace).map(String.init))
            let absent = ["cpu", "memory", "pids"].filter { !controllers.contains($0) }
            findings.append(
                absent.isEmpty
                    ? Finding(name: "control groups", state: .ok, message: version)
                    : Finding(
                        name: "control groups", state: .missing, message: "\(version), without \(absent.joined(separator: ", "))",
                        remedy: "Boot with these controllers, e.g. cgroup_enable=memory on the kernel's command line."))
        } catch {
            findings.append(
                Finding(
                    name: "control groups", state: .missing, message: "not mounted at /sys/fs/cgroup",
                    remedy: "apt-get install cgroupfs-mount && cgroupfs-mount"))
        }
        let systems = Disk.readText("/proc/filesystems") ?? ""
        for (system, purpose) in [("overlay", "roots of nodes"), ("ext4", "disks of nodes")] {
            let isKnown = systems.split(separator: "\n").contains { $0.hasSuffix("\t\(system)") }
            findings.append(
                isKnown
                    ? Finding(name: system, state: .ok, message: "known to the kernel")
                    : Finding(
                        name: system, state: .missing, message: "not known to the kernel; \(purpose) need it", remedy: "modprobe \(system)")
            )
        }
        findings.append(
            Disk.exists("/dev/loop-control")
                ? Finding(name: "loop devices", state: .ok, message: "/dev/loop-control")
                : Finding(
                    name: "loop devices", state: .missing, message: "there are none; disks of nodes need them", remedy: "modprobe loop"))
        for device in ["fuse", "net/tun"] where !Disk.exists("/dev/\(device)") {
            findings.append(
                Finding(
                    name: "/dev/\(device)", state: .warning, message: "not there; programs in nodes may want it",
                    remedy: "modprobe \(device == "fuse" ? "fuse" : "tun")"))
        }
        return findings
    }

    static func surroundings() async -> [Finding] {
        var findings: [Finding] = []
        if Tools.find("nft") != nil, geteuid() == 0 {
            // Checked by the kernel, and not kept.
            let rules =
                "table inet impresario_doctor { chain c { type nat hook postrouting priority 100; ip saddr 127.0.0.0/8 masquerade; }; }\n"
            let outcome = try? await Tools.outcome("nft", ["--check", "-f", "-"], input: Data(rules.utf8))
            findings.append(
                outcome?.exitCode == 0
                    ? Finding(name: "nf_tables", state: .ok, message: "known to the kernel")
                    : Finding(
                        name: "nf_tables", state: .missing, message: "the kernel cannot translate addresses by nftables",
                        remedy: "modprobe nft_chain_nat nft_masq"))
        }
        findings.append(
            NodeFiles.resolver().contains("nameserver")
                ? Finding(name: "name servers", state: .ok, message: "nodes can use those of this machine")
                : Finding(
                    name: "name servers", state: .warning,
                    message: "this machine's listen on its loopback only, where nodes cannot reach them",
                    remedy: "Name one that nodes can reach in /etc/resolv.conf."))
        let lists = Disk.entries("/var/lib/apt/lists").contains { $0.contains("_Packages") }
        findings.append(
            lists
                ? Finding(name: "package lists", state: .ok, message: "/var/lib/apt/lists")
                : Finding(
                    name: "package lists", state: .warning, message: "empty; private ones will be fetched when a node is made",
                    remedy: "apt-get update"))
        var file = statvfs()
        if statvfs("/var", &file) == 0 {
            let free = Int64(file.f_bavail) * Int64(file.f_frsize)
            if free < 4 << 30 {
                findings.append(
                    Finding(
                        name: "disk", state: .warning, message: "\(free >> 20) MiB are free below /var; three small nodes want 4 GiB",
                        remedy: "Make room, or put the data folder elsewhere."))
            }
        }
        return findings
    }
}
