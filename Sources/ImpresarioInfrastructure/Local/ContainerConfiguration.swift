// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// The OCI runtime configuration of a node.
///
/// Mounts inside the root are left to the runtime: it resolves their targets within the root, so a link that a node planted on its own disk
/// leads nowhere on the host.
enum ContainerConfiguration {
    /// Everything an engine (with containers of its own) needs, less what reaches past the node: kernel modules, the clock, a restart of the
    /// machine, and opening files by handle, which would pass by the node's mounts.
    static let capabilities = [
        "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE",
        "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_NICE",
        "SYS_RESOURCE", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN",
        "SYSLOG",
        "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE",
    ]

    static let environment = ["PATH": Tools.path, "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb", "container": "impresario"]

    static func make(
        _ node: NodeSpecification, folder: NodeFolder, layers: [String], names: LocalNames, cgroups: Cgroups, bounding: Set<String>
    ) -> JSONValue {
        let memory = node.resources[ResourceVector.memory]
        var memoryLimits: [String: JSONValue] = ["limit": .integer(memory)]
        if cgroups.limitsSwap { memoryLimits["swap"] = .integer(memory) }
        return [
            "ociVersion": "1.0.2",
            "hostname": .string(node.name),
            "root": ["path": .string(folder.root)],
            "process": process(["/usr/bin/tini", "--", "/etc/impresario/init"], environment: [:], folder: "/", bounding: bounding),
            "mounts": .array(mounts(folder, layers: layers)),
            "linux": [
                "cgroupsPath": .string("/" + names.cgroup(node.id)),
                "rootfsPropagation": "rprivate",
                "namespaces": [
                    ["type": "pid"], ["type": "ipc"], ["type": "uts"], ["type": "mount"], ["type": "cgroup"],
                    ["type": "network", "path": .string("/run/netns/\(names.node(node.id))")],
                ],
                "devices": [device("/dev/fuse", 10, 229), device("/dev/net/tun", 10, 200)],
                "resources": [
                    // 5:1 is a console: a runtime inside may only pass on what its node has.
                    "devices": .array([["allow": false, "access": "rwm"], allow(10, 229), allow(10, 200), allow(5, 1)]),
                    "memory": .object(memoryLimits),
                    "cpu": ["period": 100_000, "quota": .integer(max(1000, node.resources[ResourceVector.cpu] * 100))],
                    "pids": ["limit": 4096],
                ],
                // Empty, or an unprivileged container inside could not mount a /proc of its own.
                "maskedPaths": [], "readonlyPaths": [],
            ],
        ]
    }

    /// A process in a node, as its root. In a file, since what stands in a command line is seen by every user of the host.
    static func process(_ arguments: [String], environment: [String: String], folder: String, bounding: Set<String>) -> JSONValue {
        let kept = JSONValue.array(capabilities.filter(bounding.contains).map { .string("CAP_\($0)") })
        let variables = Self.environment.merging(environment, uniquingKeysWith: { $1 }).sorted { $0.key < $1.key }
        return [
            "user": ["uid": 0, "gid": 0], "cwd": .string(folder), "noNewPrivileges": false,
            "args": .array(arguments.map { .string($0) }),
            "env": .array(variables.map { .string("\($0.key)=\($0.value)") }),
            "capabilities": ["bounding": kept, "effective": kept, "permitted": kept, "inheritable": kept],
        ]
    }

    private static func mounts(_ folder: NodeFolder, layers: [String]) -> [JSONValue] {
        func mount(_ destination: String, _ type: String, _ source: String, _ options: [String] = []) -> JSONValue {
            [
                "destination": .string(destination), "type": .string(type), "source": .string(source),
                "options": .array(options.map { .string($0) }),
            ]
        }
        let lower = (layers.map { "\($0)/usr" } + ["/usr"]).joined(separator: ":")
        return [
            mount("/proc", "proc", "proc"),
            mount(
                "/usr", "overlay", "overlay",
                ["lowerdir=\(lower)", "upperdir=\(folder.disk)/usr/upper", "workdir=\(folder.disk)/usr/work"]),
            mount("/var", "bind", "\(folder.disk)/var", ["bind", "rw"]),
            mount("/tmp", "bind", "\(folder.disk)/tmp", ["bind", "rw"]),
            mount("/sys", "sysfs", "sysfs", ["nosuid", "noexec", "nodev"]),
            mount("/sys/fs/cgroup", "cgroup", "cgroup", ["nosuid", "noexec", "nodev", "rw"]),
            mount("/dev", "tmpfs", "tmpfs", ["nosuid", "mode=755", "size=16m"]),
            mount("/dev/pts", "devpts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
            mount("/dev/shm", "tmpfs", "shm", ["nosuid", "noexec", "nodev", "mode=1777", "size=64m"]),
            mount("/dev/mqueue", "mqueue", "mqueue", ["nosuid", "noexec", "nodev"]),
            mount("/run", "tmpfs", "tmpfs", ["nosuid", "nodev", "mode=755"]),
        ]
    }

    private static func device(_ path: String, _ major: Int64, _ minor: Int64) -> JSONValue {
        ["path": .string(path), "type": "c", "major": .integer(major), "minor": .integer(minor), "fileMode": 0o666, "uid": 0, "gid": 0]
    }

    private static func allow(_ major: Int64, _ minor: Int64) -> JSONValue {
        ["allow": true, "type": "c", "major": .integer(major), "minor": .integer(minor), "access": "rwm"]
    }

    /// This process's bounding set; the runtime refuses a capability outside it.
    static func boundingSet() -> Set<String> {
        let names = [
            "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE",
            "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT",
            "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE",
            "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
            "PERFMON", "BPF", "CHECKPOINT_RESTORE",
        ]
        let line = (Disk.readText("/proc/self/status") ?? "").split(separator: "\n").first { $0.hasPrefix("CapBnd:") }
        let bits = line.flatMap { UInt64($0.dropFirst(7).trimmingPrefix(while: \.isWhitespace), radix: 16) } ?? 0
        return Set(names.enumerated().filter { bits & (1 << UInt64($0.offset)) != 0 }.map(\.element))
    }
}
