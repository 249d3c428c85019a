// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Testing

/// A workload in a swarm, without a registry: its image is made inside every node from what the node has.
extension Installation {
    private static let image = "sleeper:1"

    func runService(on cluster: Cluster, replicas: Int, _ docker: DockerClient) async throws {
        for node in cluster.nodes { try await makeImage(on: node) }
        let created = try await docker(
            "service create --name hello --detach --no-resolve-image --replicas \(replicas) --restart-delay 1s \(Self.image) /usr/bin/sleep 1000000"
        )
        try #require(created.succeeded, "\(created.text)")
        try await expectService(replicas: replicas, docker)
    }

    func makeImage(on node: Node) async throws {
        let made = try await shell(
            "tar -ch /usr/bin/sleep /lib/x86_64-linux-gnu/libc.so.6 /lib64/ld-linux-x86-64.so.2 2>/dev/null | docker import - \(Self.image)",
            on: node)
        try #require(made.succeeded, "\(node.name): \(made.text)")
    }

    func expectService(replicas: Int, _ docker: DockerClient) async throws {
        try await until("the service runs with \(replicas) replicas", within: .seconds(90)) {
            try await docker("service ls --format '{{.Name}} {{.Replicas}}'").lines == ["hello \(replicas)/\(replicas)"]
        }
    }

    /// Ids of nodes that run as containers.
    func runningContainers() async throws -> [String] {
        try await Machine.shell("runc --root /run/impresario/\(try id)/runc list -q 2>/dev/null").lines
    }
}
