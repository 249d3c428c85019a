// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// A server with a quorum, asked who is a member, and told to change that. Members change while all of them serve; no server is restarted.
struct Voice {
    var node: Node

    func members(_ call: borrowing Call) throws -> Members {
        let outcome = try call.execute(Command(node, ["bash", "-c", Observer.question("conf")], timeout: .seconds(10)))
        let members = Members(reading: outcome.output)
        guard !members.byNumber.isEmpty else {
            throw PluginProblem(
                .unavailable, code: "zookeeper.silent", "The server on \(node.name) does not tell who is a member.",
                detail: outcome.complaint)
        }
        return members
    }

    /// The node has a vote afterwards.
    func add(_ call: borrowing Call, _ joining: Node) throws {
        try change(call, "-add \(Members.line(for: joining))", "make \(joining.name) a member") { $0.counts(joining) }
    }

    /// No server with the numbers of these nodes is a member afterwards.
    func remove(_ call: borrowing Call, _ leaving: [Node]) throws {
        let numbers = Set(leaving.map(Members.number)).sorted()
        guard !numbers.isEmpty else { return }
        try change(
            call, "-remove \(numbers.map(String.init).joined(separator: ","))", "let \(leaving.map(\.name).joined(separator: ", ")) go"
        ) { members in numbers.allSatisfy { members.byNumber[$0] == nil } }
    }

    /// Says it until it is so: where the leader goes, the answer may get lost though the change was made.
    private func change(_ call: borrowing Call, _ what: String, _ purpose: String, until isSo: (Members) -> Bool) throws {
        if isSo(try members(call)) { return }
        var complaint: String?
        let isDone = try call.poll(upTo: .seconds(90), every: .milliseconds(500)) {
            let outcome = try call.execute(Command(node, ["sh", "-c", Self.script, Server.folder, what], timeout: .seconds(40)))
            // Beside what was logged.
            complaint = outcome.error.split(separator: "\n").first { !$0.hasPrefix("[") }.map(String.init)
            return isSo(try members(call))
        }
        guard isDone else {
            throw PluginProblem(
                .unavailable, code: "zookeeper.reconfiguration", "The server on \(node.name) could not \(purpose).", detail: complaint)
        }
    }

    /// ZooKeeper's own client, as the one user who may.
    private static let script = """
        java=$(ls /usr/lib/jvm/java-17-openjdk-*/bin/java | head -n 1)
        printf 'addauth digest super:%s\\nreconfig %s\\nquit\\n' "$(cat "$0/super")" "$1" |
            "$java" -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \\
                -cp /usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar \\
                org.apache.zookeeper.ZooKeeperMain -waitforconnection -server 127.0.0.1:\(Server.port)
        """
}
