// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import ImpresarioModel

/// One line of the API: what is asked, what it needs, and who answers.
struct Route: Sendable {
    enum Handler: Sendable {
        /// Answered without a token.
        case open(@Sendable (OpenCall) async throws(Problem) -> Answer)
        case closed(@Sendable (Call) async throws(Problem) -> Answer)
    }

    enum Body: Sendable {
        case none, optional, required
        /// Bytes of any size, which the handler reads as they come.
        case stream
    }

    enum Segment: Sendable, Hashable {
        case literal(String)
        case parameter(String)
    }

    let method: HTTPRequest.Method
    /// Such as `/v1/tenants/{tenant}`.
    let template: String
    let segments: [Segment]
    let summary: String
    /// The query parameters it knows; others are refused.
    let query: [String]
    let body: Body
    /// What the body is read as, for the description of the API; nil where a plugin says what it holds.
    let request: (any ImpresarioModel.RequestBody.Type)?
    let handler: Handler

    init(
        _ method: HTTPRequest.Method, _ template: String, _ summary: String, query: [String] = [], body: Body? = nil,
        request: (any ImpresarioModel.RequestBody.Type)? = nil, handler: Handler
    ) {
        self.method = method
        self.template = template
        self.summary = summary
        self.query = query
        self.body = body ?? (method == .post || method == .put || method == .patch ? .required : .none)
        self.request = request
        self.handler = handler
        segments = template.split(separator: "/").map { part in
            part.hasPrefix("{") ? .parameter(String(part.dropFirst().dropLast())) : .literal(String(part))
        }
    }

    /// A route that needs a token.
    init(
        _ method: HTTPRequest.Method, _ template: String, _ summary: String, query: [String] = [], body: Body? = nil,
        request: (any ImpresarioModel.RequestBody.Type)? = nil, _ handle: @escaping @Sendable (Call) async throws(Problem) -> Answer
    ) {
        self.init(method, template, summary, query: query, body: body, request: request, handler: .closed(handle))
    }

    /// The parameters of a path that fits.
    func match(_ path: [String]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, text) in zip(segments, path) {
            switch segment {
            case .literal(let literal): guard literal == text else { return nil }
            case .parameter(let name): parameters[name] = text
            }
        }
        return parameters
    }
}
