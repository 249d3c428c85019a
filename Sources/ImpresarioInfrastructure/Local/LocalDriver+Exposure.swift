// SPDX-License-Identifier: Apache-2.0

import Foundation
public import ImpresarioModel
import Synchronization

extension LocalDriver {
    public func expose(port: Int, of node: ID<Node>) async throws(Problem) -> String {
        try await asProblem {
            guard (1...65_535).contains(port) else {
                throw Problem(.infrastructure, "\(port) is not a port.", field: "port", owner: .plugin)
            }
            return try await self.lock.hold(node.rawValue) {
                var record = try self.record(node)
                let known = record.exposed[port]
                // The rules are written whole whenever a node comes or goes; between that they are as this process left them.
                let key = "\(node):\(port)"
                if let known, self.published.withLock({ $0.contains(key) }) { return "\(self.options.publishAddress):\(known)" }
                // Drawn, recorded and set up under one lock of the machine: until it is set up, another installation could draw it too.
                let published = try await FileLock.hold("\(LocalNames.runtime)/machine.lock") {
                    let published = if let known { known } else { try await self.drawPort() }
                    record.exposed[port] = published
                    if known == nil { try self.state.node(node).write(record) }
                    try await self.network.applyHostRules()
                    return published
                }
                try await self.network.applyFabricRules(record.specification.project)
                self.published.withLock { _ = $0.insert(key) }
                return "\(self.options.publishAddress):\(published)"
            }
        }
    }

    private func drawPort() async throws -> Int {
        var taken = try await HostFirewall.publishedPorts()
        for record in state.records() { taken.formUnion(record.exposed.values) }
        for _ in 0..<2000 {
            guard let port = options.publishPorts.randomElement() else { break }
            if !taken.contains(port), isFree(port) { return port }
        }
        throw Problem(
            .infrastructure, "There is no free port in \(options.publishPorts) on this machine.", owner: .admin,
            remedy: "Give the local driver a larger range of ports.")
    }

    /// Nobody listens on it at the address that would be published, nor on all addresses.
    private func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0, let number = UInt16(exactly: port) else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = number.bigEndian
        address.sin_addr.s_addr = inet_addr(options.publishAddress)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
        }
    }
}
