// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// How one server runs: its files and its daemon.
struct Server {
    static let folder = "/etc/zookeeper"
    static let data = "/var/lib/zookeeper"
    static let port = 2181
    /// What a server answers on its port within the node.
    static let words = ["ruok", "srvr", "mntr", "conf", "cons", "wchs", "envi", "isro"]
    private static let lifetime = 10 * 365 * 86_400

    var parameters: Parameters

    /// What a server reads when it starts, the same on all; who is a member is not in it.
    var configuration: String {
        """
        tickTime=\(parameters.tickTime)
        initLimit=20
        syncLimit=5
        dataDir=\(Self.data)
        maxClientCnxns=0
        admin.enableServer=false
        4lw.commands.whitelist=\(Self.words.joined(separator: ","))
        autopurge.snapRetainCount=3
        autopurge.purgeInterval=24
        reconfigEnabled=true
        standaloneEnabled=false
        sslQuorum=true
        ssl.quorum.keyStore.location=\(Self.data)/server/quorum.pem
        ssl.quorum.trustStore.location=\(Self.data)/server/quorum-ca.pem

        """
    }

    /// Files of a node's server. Certificates and the superuser's password come from the core: the same ones each time.
    ///
    /// - Parameter members: the list that a server begins with; one that has begun keeps its own.
    func files(_ call: borrowing Call, _ node: Node, _ members: Members) throws -> [File] {
        let pair = try call.keyPair(
            "quorum-\(node.id)",
            CertificateProfile(
                authority: "quorum", commonName: node.name, dns: [node.name], ips: [node.address], usages: [.server, .client],
                ttl: Self.lifetime))
        return [
            File(node, "\(Self.folder)/zoo.cfg", configuration),
            File(node, "\(Self.folder)/members", members.text),
            File(node, "\(Self.folder)/super", try Self.password(call), mode: 0o600),
            File(node, "\(Self.folder)/quorum.pem", pair.cert + "\n" + (pair.key ?? ""), mode: 0o600),
            File(node, "\(Self.folder)/quorum-ca.pem", pair.ca),
            File(node, "\(Self.data)/myid", "\(Members.number(of: node))\n"),
        ]
    }

    /// Of the one user who may change who is a member. It is drawn once.
    private static func password(_ call: borrowing Call) throws -> String {
        try call.updateSecret("super", initial: "") { password in
            if password.isEmpty { password = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined() }
            return password
        }
    }

    /// A server reads its file only when it starts, so another content is another declaration, which restarts it.
    func service(_ nodes: [Node]) -> Service {
        // Java sees the memory of the host, not of the node.
        let memory = nodes.map(\.flavor.memory).min() ?? 512 << 20
        let heap = max(64, min(memory >> 20, 16_384) / 2)
        return Service("zookeeper", argv: ["sh", "-c", Self.start, Self.folder, Self.data, "-Xmx\(heap)m", Digest.of([configuration])])
    }

    /// What the package's post-install script would have done, then the server, which has copies of its files: those that it came with may be written anew while it
    /// runs. Repeating it changes nothing.
    private static let start = """
        set -eu
        getent passwd zookeeper >/dev/null ||
            useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin zookeeper
        own="$1/server"
        mkdir -p "$own"
        cp "$0/quorum.pem" "$0/quorum-ca.pem" "$own"
        # The list of members that the server heard last, in a file that it wrote; the one it came with when it never ran.
        members=$(sed -n 's/^dynamicConfigFile=//p' "$own/zoo.cfg" 2>/dev/null || true)
        if [ ! -s "$members" ]; then
            members="$own/zoo.cfg.dynamic.first"
            cp "$0/members" "$members"
        fi
        { cat "$0/zoo.cfg"; echo "dynamicConfigFile=$members"; } >"$own/zoo.cfg.new"
        mv "$own/zoo.cfg.new" "$own/zoo.cfg"
        chown -R zookeeper:zookeeper "$1"
        super=$(printf 'super:%s' "$(cat "$0/super")" | sha1sum | cut -c 1-40 | tr a-f A-F | basenc -d --base16 | base64)
        # The package's own class path lacks two of these, and without them no server hears another over TLS.
        netty=$(printf ':/usr/share/java/netty-%s.jar' buffer codec common handler resolver transport)
        java=$(ls /usr/lib/jvm/java-17-openjdk-*/bin/java | head -n 1)
        exec setpriv --reuid=zookeeper --regid=zookeeper --init-groups -- "$java" "$2" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \\
            -XX:MaxMetaspaceSize=96m -XX:+ExitOnOutOfMemoryError -Djava.io.tmpdir=/tmp -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \\
            -Dzookeeper.DigestAuthenticationProvider.superDigest="super:$super" -Dzookeeper.fastleader.maxNotificationInterval=3000 \\
            -cp "/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar$netty" \\
            org.apache.zookeeper.server.quorum.QuorumPeerMain "$own/zoo.cfg"
        """
}
