// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import ImpresarioBroker
import ImpresarioModel
import ServiceLifecycle

enum OperationRoutes {
    static let all: [Route] = [
        Route(.get, "/v1/operations", "List operations", query: Query.paging + ["cluster"]) { call throws(Problem) in
            let page = try call.broker.operations(of: call.query["cluster"], for: call.caller, page: try call.query.page())
            return Redaction.page(page, for: call.caller)
        },
        Route(.get, "/v1/operations/{operation}", "Show an operation, or wait for its change", query: ["wait", "revision"]) {
            call throws(Problem) in
            guard let seconds = try call.query.number("wait", in: 1...60) else {
                return Redaction.operation(try call.broker.operation(call["operation"], for: call.caller), for: call.caller)
            }
            let revision = try call.query.revision("revision") ?? 0
            // A server that stops answers what is known instead of keeping the client.
            let entry = try await answering {
                try await call.broker.operation(
                    call["operation"], newerThan: revision, patience: .seconds(seconds), for: call.caller)
            }
            return Redaction.operation(entry, for: call.caller)
        },
        Route(
            .post, "/v1/operations/{operation}/cancel", "Call an operation off", body: .optional, request: CancelOperation.self
        ) { call throws(Problem) in
            let wish: CancelOperation = call.body.isEmpty ? CancelOperation() : try call.read()
            return try Redaction.accepted(
                try await call.broker.cancelOperation(call["operation"], wish, for: call.caller), for: call.caller)
        },
        Route(.post, "/v1/operations/{operation}/retry", "Go on where an operation stopped", body: Route.Body.none) {
            call throws(Problem) in
            try Redaction.accepted(try await call.broker.retryOperation(call["operation"], for: call.caller), for: call.caller)
        },
    ]

    private static func answering<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws(Problem) -> Value {
        do { return try await cancelWhenGracefulShutdown(work) } catch let problem as Problem { throw problem } catch {
            throw Problem(.shuttingDown, "The broker is stopping.")
        }
    }
}
