// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Testing

/// ZooKeeper's own command line, out of the unpacked packages of the nodes and what this machine has of them, with a tenant's credentials; nothing is installed.
struct ZooKeeperClient {
    static let isThere = Machine.succeeds("apt-cache show libzookeeper-java | grep -q ^Package")

    private let environment: [String: String]

    init(_ credentials: Credentials, in parent: String) throws {
        environment = try EngineClient.environment(credentials, in: parent)
    }

    /// - Parameters:
    ///   - command: as typed at its prompt.
    ///   - address: one server; all of them when left out.
    ///   - changed: variables that are others than those of the credentials.
    func callAsFunction(
        _ command: String, at address: String? = nil, changing changed: [String: String] = [:]
    ) async throws -> Machine.Answer {
        var variables = environment.merging(changed) { $1 }
        if let address { variables["ZK_HOSTS"] = address }
        return try await Machine.shell(
            """
            jar=$(ls -t \(Prerequisites.cache)/layers/*/usr/share/java/zookeeper.jar /usr/share/java/zookeeper.jar 2>/dev/null | head -n 1)
            layer=${jar%/share/java/*}
            java=$(ls $layer/lib/jvm/*/bin/java /usr/lib/jvm/java-17-*/bin/java 2>/dev/null | head -n 1)
            timeout 40 $java -XX:TieredStopAtLevel=1 $CLIENT_JVMFLAGS -cp "$jar:$layer/share/java/*:/usr/share/java/*" \\
                org.apache.zookeeper.ZooKeeperMain -waitforconnection -server $ZK_HOSTS \(command)
            """, variables)
    }

    /// - Parameter answer: a line of what it must say; nil: that it succeeds is enough.
    func expect(
        _ command: String, at address: String? = nil, says answer: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let said = try await self(command, at: address)
        let isRight = answer.map { said.lines.contains($0) } ?? true
        #expect(said.succeeded && isRight, "\(command): \(said.text.suffix(3000))", sourceLocation: sourceLocation)
    }
}
