// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// The TLS terminator in front of a server: which files it reads and how it runs.
struct Terminator {
    static let name = "zookeeper-endpoint"
    private static let folder = "/etc/zookeeper-endpoint"

    var node: Node
    var pair: KeyPair
    var revocationList: String
    /// What the revocation list names; the list itself is signed anew each time.
    var revoked: [String]

    private var configuration: String {
        """
        foreground = yes
        pid =
        syslog = no
        debug = warning
        socket = l:TCP_NODELAY=1
        socket = r:TCP_NODELAY=1

        [zookeeper]
        accept = \(node.address):\(Access.port)
        connect = 127.0.0.1:\(Server.port)
        cert = \(Self.folder)/server.pem
        CAfile = \(Self.folder)/ca.pem
        CRLfile = \(Self.folder)/crl.pem
        requireCert = yes
        verifyChain = yes
        sslVersionMin = TLSv1.2
        sessionResume = no
        renegotiation = no
        TIMEOUTidle = 43200

        """
    }

    var files: [File] {
        [
            File(node, "\(Self.folder)/ca.pem", pair.ca, mode: 0o600),
            File(node, "\(Self.folder)/server.pem", pair.cert + "\n" + (pair.key ?? ""), mode: 0o600),
            File(node, "\(Self.folder)/crl.pem", revocationList, mode: 0o600),
            File(node, "\(Self.folder)/stunnel.conf", configuration, mode: 0o600),
        ]
    }

    /// Other files are another declaration, which restarts it: so connections of the revoked end too.
    var service: Service {
        Service(
            Self.name, argv: ["sh", "-c", Self.start, Self.folder, Digest.of([pair.serial, configuration] + revoked)],
            ready: .tcp(Access.port, within: .seconds(20)))
    }

    private static let start = """
        set -eu
        getent passwd zookeeper-endpoint >/dev/null ||
            useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin zookeeper-endpoint
        chown -R zookeeper-endpoint:zookeeper-endpoint "$0"
        exec setpriv --reuid=zookeeper-endpoint --regid=zookeeper-endpoint --init-groups -- /usr/bin/stunnel4 "$0/stunnel.conf"
        """
}
