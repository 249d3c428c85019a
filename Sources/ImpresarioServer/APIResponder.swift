// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
public import Hummingbird
import ImpresarioBroker
import ImpresarioModel
import Logging
import NIOCore

/// The one way every request goes: route → token → query and body → handler → answer or problem → a log line.
public struct APIResponder: HTTPResponder {
    public typealias Context = BasicRequestContext

    static let bodyLimit = 1 << 20

    let broker: Broker
    let version: String
    let logger: Logger
    private let table = RouteTable.all

    init(broker: Broker, version: String, logger: Logger) {
        self.broker = broker
        self.version = version
        self.logger = logger
    }

    public func respond(to request: Request, context: Context) async throws -> Response {
        let start = ContinuousClock.now
        var trace = RequestTrace(request)
        var response: Response
        do throws(Problem) {
            response = Self.response(try await answer(request, &trace))
        } catch {
            trace.problem = error
            response = Self.response(error)
        }
        response.headers[.requestID] = trace.id
        response.headers[.contentTypeOptions] = "nosniff"
        trace.log(to: logger, status: response.status.code, took: ContinuousClock.now - start)
        return response
    }

    private func answer(_ request: Request, _ trace: inout RequestTrace) async throws(Problem) -> Answer {
        let (route, parameters) = try table.route(request.method, request.uri.path)
        trace.route = route.template
        switch route.handler {
        case .open(let handle): return try await handle(OpenCall(broker: broker, version: version))
        case .closed(let handle):
            let headers = CallHeaders(fields: request.headers)
            let caller = try broker.authenticate(bearer: try headers.bearer())
            trace.caller = caller.name
            let query = try Query(request.uri.query, known: route.query)
            let body = try await body(of: request, route: route, headers: headers)
            return try await handle(
                Call(
                    broker: broker, version: version, caller: caller, method: request.method.rawValue, path: request.uri.description,
                    parameters: parameters, query: query, headers: headers, body: body,
                    upload: Upload(body: route.body == .stream ? request.body : .init(buffer: ByteBuffer()))))
        }
    }

    private func body(of request: Request, route: Route, headers: CallHeaders) async throws(Problem) -> Data {
        if route.body == .none { return Data() }
        if route.body == .stream {
            try headers.require("application/octet-stream", "The body is the file's bytes")
            return Data()
        }
        let tooLarge = Problem(.bodyTooLarge, "The body is larger than 1 MiB.")
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > Self.bodyLimit { throw tooLarge }
        let data: Data
        do {
            data = Data((try await request.body.collect(upTo: Self.bodyLimit)).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        } catch {
            throw Problem(.invalidBody, "The body ended early.", detail: String(describing: error))
        }
        if data.isEmpty {
            guard route.body == .optional else { throw Problem(.invalidBody, "The request has no body.", field: "") }
            return data
        }
        try headers.require("application/json", "Send JSON")
        return data
    }
}
