// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import ImpresarioModel
import NIOCore
import NIOHTTP1
import NIOSSL

/// Sends requests, again where that is safe, and turns answers and failures into values and problems.
struct Transport: Sendable {
    /// Answers beyond it are refused: lists are paged and files are small.
    static let answerLimit = 32 << 20

    private let configuration: Client.Configuration
    private let http: HTTPClient

    init(_ configuration: Client.Configuration) throws(Problem) {
        self.configuration = configuration
        var settings = HTTPClient.Configuration()
        settings.redirectConfiguration = .disallow
        settings.timeout.connect = .seconds(5)
        settings.httpVersion = .http1Only
        // We have our own policy, which knows what may be repeated.
        settings.connectionPool.retryConnectionEstablishment = false
        if case .file(let path) = configuration.trust {
            settings.tlsConfiguration = try Self.trusting(path)
        }
        http = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: settings)
    }

    private static func trusting(_ path: String) throws(Problem) -> TLSConfiguration {
        do {
            let certificates = try NIOSSLCertificate.fromPEMFile(path)
            guard !certificates.isEmpty else { throw NIOSSLError.failedToLoadCertificate }
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.trustRoots = .certificates(certificates)
            return configuration
        } catch {
            throw Problem(
                .invalidUsage, "The certificates in \(path) cannot be read.", detail: String(describing: error),
                remedy: "Name a readable PEM file of one or more certificates.")
        }
    }

    func shutdown() async { try? await http.shutdown().get() }

    /// - Throws: the broker's problem, `unreachable`, `invalid-answer`, or `cancelled`.
    func send<Value: Decodable>(_ request: APIRequest, as type: Value.Type = Value.self) async throws(Problem) -> APIAnswer<Value> {
        let (body, revision) = try await data(request)
        do {
            return APIAnswer(value: try CanonicalJSON.decode(Value.self, from: body), revision: revision)
        } catch {
            let cause = Problem(decoding: error, code: .invalidAnswer)
            throw Problem(
                .invalidAnswer, "The broker's answer to \(request.method.rawValue) \(request.path) is not understood.",
                remedy: "Check that broker and client are of one version.", cause: cause)
        }
    }

    /// The bytes of a 2xx answer, and the revision from its `ETag`.
    func data(_ request: APIRequest) async throws(Problem) -> (body: Data, revision: String?) {
        var attempt = 1
        while true {
            let outcome: RetryPolicy.Outcome
            let problem: Problem
            switch try await sendOnce(request) {
            case .answered(let body, let revision): return (body, revision)
            case .failed(let how, let why): (outcome, problem) = (how, why)
            }
            let delay = configuration.retry.delay(
                after: outcome, attempt: attempt, isRepeatable: request.isRepeatable, jitter: .random(in: 0...1))
            guard let delay else { throw problem }
            attempt += 1
            do { try await Task.sleep(for: delay) } catch { throw Self.cancelled }
        }
    }

    private enum Sending {
        case answered(Data, revision: String?)
        /// In a way that may pass.
        case failed(RetryPolicy.Outcome, Problem)
    }

    private func sendOnce(_ request: APIRequest) async throws(Problem) -> Sending {
        do {
            let response = try await execute(request)
            let body = try await collect(response)
            if (200..<300).contains(response.status.code) {
                let tag = response.headers.first(name: "ETag")
                return .answered(body, revision: tag?.trimmingCharacters(in: CharacterSet(charactersIn: "\"")))
            }
            let problem = Self.problem(status: Int(response.status.code), body: body, request: request)
            guard response.status == .serviceUnavailable, problem.isRetryable == true else { throw problem }
            let after = response.headers.first(name: "Retry-After").flatMap { Int64($0) }
            return .failed(.busy(retryAfter: after.map { .seconds($0) }), problem)
        } catch let problem as Problem {
            throw problem
        } catch {
            if Task.isCancelled || error is CancellationError { throw Self.cancelled }
            let (outcome, problem) = ConnectionFailure.explain(error, server: configuration.server)
            return .failed(outcome, problem)
        }
    }

    /// The head of an answer whose body comes as it happens.
    func stream(_ request: APIRequest) async throws(Problem) -> HTTPClientResponse {
        do {
            let response = try await execute(request)
            guard response.status == .ok else {
                throw Self.problem(status: Int(response.status.code), body: try await collect(response), request: request)
            }
            return response
        } catch let problem as Problem {
            throw problem
        } catch {
            if Task.isCancelled || error is CancellationError { throw Self.cancelled }
            throw ConnectionFailure.explain(error, server: configuration.server).problem
        }
    }

    private func execute(_ request: APIRequest) async throws -> HTTPClientResponse {
        var outgoing = HTTPClientRequest(url: configuration.server.description + request.target)
        outgoing.method = .init(rawValue: request.method.rawValue)
        outgoing.headers.add(name: "Accept", value: request.headers["Accept"] ?? "application/json, application/problem+json")
        outgoing.headers.add(name: "User-Agent", value: "impresario-client")
        if let token = configuration.token { outgoing.headers.add(name: "Authorization", value: "Bearer \(token)") }
        for (name, value) in request.headers where name != "Accept" { outgoing.headers.add(name: name, value: value) }
        if let body = request.body {
            outgoing.headers.add(name: "Content-Type", value: "application/json")
            outgoing.body = .bytes(ByteBuffer(bytes: body))
        } else if let upload = request.upload {
            outgoing.headers.add(name: "Content-Type", value: "application/octet-stream")
            outgoing.body = .stream(upload.pieces, length: .known(upload.length))
        }
        let patience = configuration.timeout + request.hold
        return try await http.execute(outgoing, timeout: .nanoseconds(patience.components.seconds * 1_000_000_000))
    }

    private func collect(_ response: HTTPClientResponse) async throws -> Data {
        do {
            return Data((try await response.body.collect(upTo: Self.answerLimit)).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw Problem(.invalidAnswer, "The broker's answer is larger than \(Self.answerLimit >> 20) MiB.")
        }
    }

    /// The problem that an answer holds, or one made of its status when something else than the broker answered.
    static func problem(status: Int, body: Data, request: APIRequest) -> Problem {
        if let document = try? CanonicalJSON.decode(ProblemDocument.self, from: body) { return document.problem }
        let text = String(decoding: body.prefix(200), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return Problem(
            .invalidAnswer, "The answer to \(request.method.rawValue) \(request.path) was status \(status) without a problem document.",
            detail: text, remedy: "Check that the address is a broker's and not a proxy's or another server's.")
    }

    static let cancelled = Problem(.cancelled, "The request was cancelled.")
}
