// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import HummingbirdCore
import HummingbirdTLS
public import ImpresarioBroker
import ImpresarioModel
public import Logging
import NIOCore
import NIOSSL
public import ServiceLifecycle

/// The broker's REST API over HTTP. It holds no state and decides nothing: each request is decoded, handed to one function of ``Broker``, and
/// the answer encoded.
public struct Server: Service {
    private let configuration: ServerConfiguration
    private let responder: APIResponder
    private let logger: Logger
    private let onListening: @Sendable (String) async -> Void

    /// - Parameter onListening: called once connections are accepted, with the address to reach them at, such as `http://127.0.0.1:7070`;
    ///   where the configuration leaves the port to the system, this is how it is learnt.
    public init(
        broker: Broker, configuration: ServerConfiguration, logger: Logger,
        onListening: @escaping @Sendable (String) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.logger = logger
        self.onListening = onListening
        responder = APIResponder(broker: broker, version: configuration.version, logger: logger)
    }

    /// Serves until the task is cancelled or a graceful shutdown begins; then open requests are answered and streams ended.
    ///
    /// - Throws: ``Problem`` when the certificate cannot be used, and the system's error when the address cannot be bound.
    public func run() async throws { try await application().run() }

    /// For tests, which serve it in ways of their own.
    func application() throws -> Application<APIResponder> {
        let http = HTTPServerBuilder.http1(configuration: .init(idleTimeout: .seconds(60)))
        let scheme = configuration.tls == nil ? "http" : "https"
        let host = configuration.host
        return Application(
            responder: responder, server: try configuration.tls.map { try .tls(http, tlsConfiguration: $0.configuration()) } ?? http,
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: configuration.port), serverName: "impresario"),
            onServerRunning: { [onListening] channel in
                let shown = host.contains(":") ? "[\(host)]" : host
                await onListening("\(scheme)://\(shown):\(channel.localAddress?.port ?? 0)")
            },
            logger: logger)
    }
}
