// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// How the engine runs in a node.
enum Daemon {
    /// Where the engines' local bridges get their networks, the same in each node.
    static let bridgePool = "172.17.0.0/16"

    /// Where swarm managers listen for each other, for joins and for workers.
    static let clusterPort = 2377

    /// What engines listen on among themselves: management, gossip, overlay traffic.
    static let ownPorts = [clusterPort, 7946, 4789]

    /// Who the TLS endpoint runs as; its group may use the engine's socket.
    static let endpointUser = "swarm-endpoint"

    /// A service's arguments up to its program: it does what the packages' post-install scripts would have done, then `script`. The lock keeps
    /// the services of a node apart.
    static func preparing(_ script: String) -> [String] {
        ["sh", "-c", "flock /run/swarm-preparation.lock sh -c \"$0\" && \(script)", preparation]
    }

    /// Repeating it changes nothing.
    private static let preparation = """
        set -eu
        getent group docker >/dev/null || groupadd --system docker
        getent passwd \(endpointUser) >/dev/null ||
            useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin --gid docker \(endpointUser)
        for tool in iptables ip6tables; do
            command -v $tool >/dev/null || ln -s $tool-nft /usr/sbin/$tool
        done
        """

    /// The pid file of a killed engine can name another process by now, and the engine would refuse to start; the supervisor runs only one.
    static func service(_ parameters: Parameters) -> Service {
        Service(
            "dockerd",
            argv: preparing("rm -f /run/docker.pid && exec \"$@\"") + [
                "dockerd", "--host=unix:///var/run/docker.sock", "--group=docker", "--pidfile=/run/docker.pid",
                "--data-root=/var/lib/docker",
                "--storage-driver=overlay2", "--exec-opt=native.cgroupdriver=cgroupfs",
                "--default-address-pool=base=\(bridgePool),size=24",
                "--log-driver=json-file", "--log-opt=max-size=10m", "--log-opt=max-file=3",
            ] + parameters.insecureRegistries.map { "--insecure-registry=\($0)" })
    }

    /// With a readiness: for a service that did not come up, so that the host says why.
    static func watchedService(_ parameters: Parameters) -> Service {
        var service = service(parameters)
        service.ready = .exec(["docker", "info"], within: .seconds(10))
        return service
    }
}
