// SPDX-License-Identifier: Apache-2.0

import Foundation
public import ImpresarioModel

/// The REST API of a broker, typed.
///
/// Functions throw ``Problem`` only: the broker's own, or `unreachable`, `invalid-answer`, `cancelled`. Requests that may be repeated are repeated
/// by ``RetryPolicy``; a `POST` carries an `Idempotency-Key` for it, except where the answer holds a secret, which the broker must not keep.
///
/// ```swift
/// let configuration = Client.Configuration(server: try ServerAddress("http://127.0.0.1:7070"), token: token)
/// let nodes = try await Client.with(configuration) { client in
///     try await client.cluster("web", in: .init(tenant: "acme", project: "shop")).nodes
/// }
/// ```
public struct Client: Sendable {
    let transport: Transport

    /// - Throws: ``Problem`` `invalid-usage` when the trust file cannot be read.
    public init(_ configuration: Configuration) throws(Problem) { transport = try Transport(configuration) }

    /// Closes connections; to be called once, after the last request.
    public func shutdown() async { await transport.shutdown() }

    /// A client for the length of `body`.
    public static func with<Result>(_ configuration: Configuration, _ body: (Client) async throws -> Result) async throws -> Result {
        let client = try Client(configuration)
        do {
            let result = try await body(client)
            await client.shutdown()
            return result
        } catch {
            await client.shutdown()
            throw error
        }
    }

    func get<Value: Decodable>(_ request: APIRequest) async throws(Problem) -> Value { try await transport.send(request).value }

    /// A `POST` that the broker does once, however often it arrives.
    func postOnce<Value: Decodable>(_ request: APIRequest, key: String? = nil) async throws(Problem) -> Value {
        try await transport.send(request.with(header: "Idempotency-Key", key ?? UUID().uuidString.lowercased())).value
    }

    func done(_ request: APIRequest) async throws(Problem) { _ = try await transport.data(request) }
}

/// Names the project that clusters live in.
public struct Scope: Sendable, Hashable {
    public var tenant: String
    public var project: String

    public init(tenant: String, project: String) {
        self.tenant = tenant
        self.project = project
    }
}
