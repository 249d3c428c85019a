// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What an installation has on this machine outside its data folder, found by its id and by nothing that the broker says.
struct Leftovers {
    let installation: String
    let folder: String

    /// A name in nftables has no hyphens.
    private var table: String { "impresario_\(installation)" }

    /// Network devices in the host's own namespace. Their names hold no id, so they must be asked for while the rules still name them.
    func devices() async throws -> [String] {
        let rules = try await Machine.shell("nft list set inet \(table) uplinks").text
        return rules.matches(of: /"(imp[0-9a-v]+)"/).map { String($0.1) }
    }

    /// One line for each thing that is there; none when all is gone.
    ///
    /// - Parameter isServing: a broker runs; it, its guests and its files are none then.
    func found(devices: [String] = [], isServing: Bool = false) async throws -> [String] {
        let nodes = """
            ip netns list | grep -F \(installation) | sed 's/^/network namespace: /'
            \(devices.map { "[ ! -e /sys/class/net/\($0) ] || echo device: \($0)" }.joined(separator: "\n"))
            grep -lE '\(installation)|\(folder)' /proc/[0-9]*/mountinfo | sed 's/^/mount: /'
            losetup -l -n -O NAME,BACK-FILE | grep -F \(folder) | sed 's/^/loop device: /'
            find /sys/fs/cgroup -path '*/impresario/\(installation)*' -type d | sed 's/^/control group: /'
            nft list tables | grep -F \(table) | sed 's/^/rules: /'
            iptables -S | grep -F \(table) | sed 's/^/rule: /'
            ls -d /run/impresario/\(installation)* /run/netns/*\(installation)* | sed 's/^/file: /'
            ls -d \(folder)/data/local/nodes/* \(folder)/data/local/fabrics/* \(folder)/data/local/skeletons/*.* | sed 's/^/file: /'
            """
        // The shell that searches names the installation too.
        let broker = """
            find /sys/fs/cgroup -type d -name 'impresario-\(installation)*' | sed 's/^/control group: /'
            for process in /proc/[0-9]*; do
                [ $process != /proc/$$ ] && [ $process != /proc/$BASHPID ] || continue
                text=$(tr '\\0' ' ' <$process/cmdline)
                # Ended, and waits for the machine's init to notice.
                [ -n "$text" ] || continue
                case "$text $(cat $process/cgroup)" in *\(installation)* | *\(folder)*)
                    [ "$(readlink $process/exe)" = "$(readlink /proc/$$/exe)" ] || echo "process: $text" ;;
                esac
            done
            ls -d /tmp/*\(installation)* \(folder)/data/server.address | sed 's/^/file: /'
            """
        return try await Machine.shell("exec 2>/dev/null; \(nodes)\n\(isServing ? "" : broker)\ntrue").lines
    }

    /// Takes away by force what a failed test left, so that the next ones find a clean machine.
    func sweep() async throws {
        try await Machine.shell(
            """
            for group in $(find /sys/fs/cgroup -type d -name '*\(installation)*'); do
                for process in $(find $group -name cgroup.procs -exec cat {} +); do kill -9 $process; done
            done
            for name in $(ip netns list | cut -d' ' -f1 | grep -F \(installation)); do ip netns delete $name; done
            nft delete table inet \(table)
            for device in $(losetup -l -n -O NAME,BACK-FILE | grep -F \(folder) | cut -d' ' -f1); do losetup --detach $device; done
            for group in $(find /sys/fs/cgroup -type d -name '*\(installation)*'); do find $group -depth -type d -exec rmdir {} \\;; done
            rm -rf /run/impresario/\(installation)
            """)
    }
}
