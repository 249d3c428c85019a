// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Testing

/// The nodes as the machine has them, without asking the broker.
extension Installation {
    private var runtime: String { get throws { "runc --root /run/impresario/\(try id)/runc" } }

    private func container(_ node: Node) throws -> String { "imp-\(try id)-n-\(node.id)" }

    /// Ids of the nodes that the driver has on record, sorted. Each of them runs as a container, and nothing else does.
    func nodesOfDriver() async throws -> [String] {
        let recorded = (try? FileManager.default.contentsOfDirectory(atPath: "\(data)/local/nodes"))?.sorted() ?? []
        let listed = try await Machine.shell("ls /run/impresario/\(try id)/runc 2>/dev/null").lines
        let prefix = "imp-\(try id)-n-"
        #expect(listed.map { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 }.sorted() == recorded)
        for name in listed {
            #expect(try await Machine.shell("\(try runtime) state \(name)").text.contains("\"status\": \"running\""), "\(name)")
        }
        return recorded
    }

    /// A command in a node, as its root.
    func shell(_ script: String, on node: Node) async throws -> Machine.Answer {
        try await Machine.shell("\(try runtime) exec \(try container(node)) bash -c \"$SCRIPT\"", ["SCRIPT": script])
    }

    /// The process that is 1 in the node.
    func initProcess(of node: Node) async throws -> Int32 {
        let state = try await Machine.shell("\(try runtime) state \(try container(node))").text
        let process = try #require(state.firstMatch(of: /"pid": ([0-9]+)/)).1
        return try #require(Int32(process))
    }

    /// Commands in nodes that operations have begun and that still run, as `node/operation/attempt: processes`. Readable at any time.
    func commandsOfOperations() async throws -> [String] {
        try await Machine.shell(
            """
            find /sys/fs/cgroup -path '*/impresario/\(try id)/*/x/o*' -name cgroup.procs | while read -r file; do
                processes=$(cat "$file" 2>/dev/null | tr '\\n' ' ')
                [ -z "$processes" ] || echo "${file#*/\(try id)/}: $processes $(ps -o args= -p ${processes// /,}0)"
            done
            """
        ).lines
    }
}
