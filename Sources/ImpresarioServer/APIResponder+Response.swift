// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import ImpresarioModel
import NIOCore

extension APIResponder {
    static func response(_ answer: Answer) -> Response {
        var headers = HTTPFields()
        if let revision = answer.revision { headers[.eTag] = "\"\(revision)\"" }
        if let location = answer.location { headers[.location] = location }
        switch answer.body {
        case .none: return Response(status: answer.status, headers: headers)
        case .json(let data):
            headers[.contentType] = "application/json"
            // Answers hold names and secrets of the caller.
            headers[.cacheControl] = "no-store"
            return Response(status: answer.status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
        case .events(let feed):
            headers[.contentType] = "text/event-stream"
            headers[.cacheControl] = "no-store"
            return Response(status: answer.status, headers: headers, body: feed.body())
        }
    }

    static func response(_ problem: Problem) -> Response {
        let document = ProblemDocument(problem)
        var headers = HTTPFields()
        headers[.contentType] = ProblemDocument.mediaType
        headers[.cacheControl] = "no-store"
        switch document.status {
        case 401: headers[.wwwAuthenticate] = "Bearer"
        case 405: headers[.allow] = (problem.facts?["allow"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
        case 503: headers[.retryAfter] = "1"
        default: break
        }
        let body = (try? CanonicalJSON.encode(document)) ?? Data(#"{"code":"internal","status":500}"#.utf8)
        return Response(
            status: HTTPResponse.Status(code: document.status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
