// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// Who counts: the servers' own list, by number.
struct Members: Hashable, Sendable {
    struct Member: Hashable, Sendable {
        var address: String
        /// Those without a vote follow, and nobody waits for them.
        var hasVote = true
    }

    var byNumber: [Int: Member] = [:]

    init() {}

    init(_ nodes: [Node]) { for node in nodes { add(node) } }

    /// Reads what a server answers to `conf`: `server.1=10.0.0.2:2888:3888:participant;127.0.0.1:2181`.
    init(reading text: String) {
        for line in text.split(separator: "\n") where line.hasPrefix("server.") {
            let parts = line.dropFirst("server.".count).split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let number = Int(parts[0]) else { continue }
            let fields = parts[1].prefix { $0 != ";" }.split(separator: ":")
            guard fields.count >= 3 else { continue }
            byNumber[number] = Member(address: String(fields[0]), hasVote: fields.last != "observer")
        }
    }

    /// Kept by a replacement, since the ordinal is.
    static func number(of node: Node) -> Int { node.ordinal + 1 }

    mutating func add(_ node: Node, hasVote: Bool = true) {
        byNumber[Self.number(of: node)] = Member(address: node.address, hasVote: hasVote)
    }

    subscript(_ node: Node) -> Member? { byNumber[Self.number(of: node)] }

    /// Whether this very node has a vote, not one that it replaces.
    func counts(_ node: Node) -> Bool { self[node] == Member(address: node.address) }

    /// As servers read it.
    var text: String { byNumber.keys.sorted().map { line($0) + "\n" }.joined() }

    private func line(_ number: Int) -> String {
        let member = byNumber[number] ?? Member(address: "")
        // Clients come through the endpoint; nothing else in the network reaches a server without TLS.
        return "server.\(number)=\(member.address):2888:3888:\(member.hasVote ? "participant" : "observer");127.0.0.1:\(Server.port)"
    }

    /// What makes a node count, for `reconfig -add`.
    static func line(for node: Node) -> String { Members([node]).line(number(of: node)) }
}
