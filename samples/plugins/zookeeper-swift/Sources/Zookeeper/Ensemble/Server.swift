// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// How one server runs: its files and its daemon.
struct Server {
    /// What is the same on all servers, made from what is so now. The same input gives the same text.
    struct Configuration: Hashable, Sendable {
        var parameters: Parameters
        /// Those that are members.
        var members: [Node]

        var text: String {
            var lines = [
                "tickTime=\(parameters.tickTime)", "initLimit=20", "syncLimit=5", "dataDir=\(Server.data)",
                // Clients come through the endpoint; nothing else in the network reaches the server without TLS.
                "clientPortAddress=127.0.0.1", "clientPort=\(Server.port)", "maxClientCnxns=0", "admin.enableServer=false",
                "4lw.commands.whitelist=\(Server.words.joined(separator: ","))", "autopurge.snapRetainCount=3",
                "autopurge.purgeInterval=24",
            ]
            if members.count > 1 {
                lines += [
                    "sslQuorum=true", "ssl.quorum.keyStore.location=\(Server.folder)/quorum.pem",
                    "ssl.quorum.trustStore.location=\(Server.folder)/quorum-ca.pem",
                ]
                for member in members.sorted(by: { $0.ordinal < $1.ordinal }) {
                    lines.append("server.\(Server.number(of: member))=\(member.address):2888:3888")
                }
            }
            return lines.joined(separator: "\n") + "\n"
        }
    }

    static let folder = "/etc/zookeeper"
    static let data = "/var/lib/zookeeper"
    static let port = 2181
    /// What a server answers on its port within the node.
    static let words = ["ruok", "srvr", "mntr", "conf", "cons", "wchs", "envi", "isro"]
    private static let lifetime = 10 * 365 * 86_400

    /// Kept by a replacement, since the ordinal is.
    static func number(of node: Node) -> Int { node.ordinal + 1 }

    /// Files of a node's server. Certificates come from the core: the same ones each time.
    static func files(_ call: borrowing Call, _ node: Node, _ configuration: Configuration) throws -> [File] {
        var files = [
            File(node, "\(folder)/zoo.cfg", configuration.text, mode: 0o644),
            File(node, "\(data)/myid", "\(number(of: node))\n", mode: 0o644),
        ]
        if configuration.members.count > 1 {
            let pair = try call.keyPair(
                "quorum-\(node.id)",
                CertificateProfile(
                    authority: "quorum", commonName: node.name, dns: [node.name], ips: [node.address], usages: [.server, .client],
                    ttl: lifetime))
            files.append(File(node, "\(folder)/quorum.pem", pair.cert + "\n" + (pair.key ?? ""), mode: 0o600))
            files.append(File(node, "\(folder)/quorum-ca.pem", pair.ca, mode: 0o644))
        }
        return files
    }

    /// A server reads its file only when it starts, so another content is another declaration, which restarts it.
    static func service(_ configuration: Configuration) -> Service {
        // Java sees the memory of the host, not of the node.
        let memory = configuration.members.map(\.flavor.memory).min() ?? 512 << 20
        let heap = max(64, min(memory >> 20, 16_384) / 2)
        return Service(
            "zookeeper", argv: ["sh", "-c", start, folder, data, "-Xmx\(heap)m", Digest.of([configuration.text])])
    }

    /// What the package's post-install script would have done, then the server. Repeating it changes nothing.
    private static let start = """
        set -eu
        getent passwd zookeeper >/dev/null ||
            useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin zookeeper
        chown -R zookeeper:zookeeper "$0" "$1"
        # The package's own class path lacks two of these, and without them no server hears another over TLS.
        netty=$(printf ':/usr/share/java/netty-%s.jar' buffer codec common handler resolver transport)
        java=$(ls /usr/lib/jvm/java-17-openjdk-*/bin/java | head -n 1)
        exec setpriv --reuid=zookeeper --regid=zookeeper --init-groups -- "$java" "$2" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \\
            -XX:MaxMetaspaceSize=96m -XX:+ExitOnOutOfMemoryError -Djava.io.tmpdir=/tmp -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \\
            -cp "/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar$netty" \\
            org.apache.zookeeper.server.quorum.QuorumPeerMain "$0/zoo.cfg"
        """
}

/// Tells one list of texts from another; no protection against somebody who wants two to be alike.
enum Digest {
    /// FNV-1a, 64 bits, hex.
    static func of(_ texts: [String]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for text in texts {
            for byte in Array(text.utf8) + [0] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        return String(hash, radix: 16)
    }
}
