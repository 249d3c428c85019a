// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// The TLS terminator in front of an engine's unix socket: which files it reads and how it runs. Why this one: docs/decisions/0005-swarm-endpoint.md.
struct Terminator {
    var node: Node

    static let folder = "/etc/swarm-endpoint"
    private static let program = "/usr/bin/stunnel4"

    /// A client that has sent all of its input (`docker run -i … < file`) closes its half of the connection and waits for output: the terminator must
    /// wait as long as for any idle connection, so TIMEOUTclose is TIMEOUTidle.
    var configuration: String {
        """
        foreground = yes
        pid =
        syslog = no
        debug = warning
        socket = l:TCP_NODELAY=1

        [docker]
        accept = \(node.address):\(Access.port)
        connect = /var/run/docker.sock
        cert = \(Self.folder)/server.pem
        CAfile = \(Self.folder)/ca.pem
        CRLfile = \(Self.folder)/crl.pem
        requireCert = yes
        verifyChain = yes
        sslVersionMin = TLSv1.2
        sessionResume = no
        renegotiation = no
        TIMEOUTidle = 43200
        TIMEOUTclose = 43200
        """
    }

    /// - Parameter isNew: the endpoint's user may not be there yet; the service hands the files over when it starts.
    func files(_ pair: KeyPair, revocationList: String, isNew: Bool) -> [File] {
        func file(_ name: String, _ text: String) -> File {
            File(node, "\(Self.folder)/\(name)", text, mode: 0o600, owner: isNew ? nil : Daemon.endpointUser)
        }
        return [
            file("ca.pem", pair.ca), file("server.pem", pair.cert + "\n" + (pair.key ?? "")), file("crl.pem", revocationList),
            file("stunnel.conf", configuration + "\n"),
        ]
    }

    var service: Service {
        Service(
            "swarm-endpoint",
            argv: Daemon.preparing(
                "chown -R \(Daemon.endpointUser) \(Self.folder) && exec setpriv --reuid=\(Daemon.endpointUser) --regid=docker --init-groups -- \"$@\""
            )
                + [Self.program, "\(Self.folder)/stunnel.conf"],
            ready: .tcp(Access.port, within: .seconds(20)))
    }

    /// Makes it read its files again; connections live on. The process is found by its program and mount namespace, so that a container of the
    /// tenant's with the same program is left alone.
    static let reload = [
        "sh", "-c",
        """
        own=$(readlink /proc/self/ns/mnt)
        found=1
        for process in /proc/[0-9]*; do
            [ "$(readlink "$process/exe" 2>/dev/null)" = \(program) ] || continue
            [ "$(readlink "$process/ns/mnt")" = "$own" ] || continue
            kill -HUP "${process#/proc/}" && found=0
        done
        exit $found
        """,
    ]
}
