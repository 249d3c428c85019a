// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What came back, unread.
struct RawAnswer {
    let status: Int
    let body: Data

    var json: JSONValue { (try? CanonicalJSON.decode(from: body)) ?? .null }
    var code: String? { json["code"]?.string }
}

extension Installation {
    /// A request exactly as told, which the client would not send.
    func ask(
        _ method: String, _ path: String, _ body: String? = nil, token: String? = nil, headers: [String: String] = [:]
    ) async throws -> RawAnswer {
        var request = URLRequest(url: try #require(URL(string: address + path)))
        request.httpMethod = method
        request.setValue("Bearer \(try token ?? adminToken)", forHTTPHeaderField: "Authorization")
        if let body {
            request.httpBody = Data(body.utf8)
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await URLSession.shared.data(for: request)
        return RawAnswer(status: try #require(response as? HTTPURLResponse).statusCode, body: data)
    }
}
