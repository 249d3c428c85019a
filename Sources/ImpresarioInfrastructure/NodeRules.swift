// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// What every driver asks of a path inside a node.
enum NodePath {
    static func check(_ path: String) throws(Problem) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard path.hasPrefix("/"), path.utf8.count < 4096, !path.utf8.contains(0), !path.hasSuffix("/"), !parts.contains("..") else {
            throw Problem(.infrastructure, "'\(path.prefix(200))' is not the absolute path of a file.", field: "path", owner: .plugin)
        }
    }

    static func tooLarge(_ path: String, limit: Int) -> Problem {
        Problem(.infrastructure, "\(path) in the node holds more than \(limit) bytes.", owner: .plugin)
    }
}

extension NodeSpecification {
    /// Whether a node that was made as this can be asked for as the other: who its peers are and whether it may speak to the world can change.
    func agrees(with other: NodeSpecification) -> Bool {
        var comparable = self
        comparable.peers = other.peers
        comparable.allowsEgress = other.allowsEgress
        return comparable == other
    }
}
