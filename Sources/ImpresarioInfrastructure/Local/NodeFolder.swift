// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// What the driver knows of one node. Written before it acts, so that whatever was begun is found again.
struct NodeRecord: Codable, Hashable, Sendable {
    enum Phase: String, Codable, Sendable { case making, made, destroying }

    var specification: NodeSpecification
    var phase: Phase
    /// The skeleton and layers that its root stands on; they do not change during its life.
    var skeleton: String?
    var layers: [String] = []
    /// Port of the node to port of the host.
    var exposed: [Int: Int] = [:]
}

/// Where a node's things lie. All of it belongs to the host; what the node wrote is inside `image` only.
struct NodeFolder: Sendable {
    let path: String

    var record: String { "\(path)/node.json" }
    var image: String { "\(path)/disk.img" }
    /// Mount points, used in the node's own mount namespace only.
    var disk: String { "\(path)/disk" }
    var root: String { "\(path)/root" }
    /// runc's bundle is the folder itself.
    var configuration: String { "\(path)/config.json" }
    var processID: String { "\(path)/pid" }
    var log: String { "\(path)/start.log" }
    var seed: String { "\(path)/seed" }

    func read() throws -> NodeRecord? {
        guard let data = Disk.read(record) else { return nil }
        do {
            return try CanonicalJSON.decode(NodeRecord.self, from: data)
        } catch {
            throw Problem(.infrastructure, "The driver's record of a node cannot be read.", detail: "\(record): \(error)")
        }
    }

    func write(_ value: NodeRecord) throws {
        try Disk.makeFolder(path)
        try Disk.writeDurably(CanonicalJSON.encode(value), to: record)
    }
}

/// The driver's state folder.
struct StateFolder: Sendable {
    let path: String

    var nodes: String { "\(path)/nodes" }
    var fabrics: String { "\(path)/fabrics" }
    var skeletons: String { "\(path)/skeletons" }

    func node(_ id: ID<Node>) -> NodeFolder { NodeFolder(path: "\(nodes)/\(id)") }
    func fabric(_ id: ID<Project>) -> String { "\(fabrics)/\(id).json" }

    /// Records that can be read; a node whose record was never written has no effects outside its folder.
    func records() -> [NodeRecord] { Disk.entries(nodes).compactMap { try? NodeFolder(path: "\(nodes)/\($0)").read() } }
}
