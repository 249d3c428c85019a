// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import ServerFixture
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What came back, unread.
struct RawAnswer {
    let status: Int
    let headers: [String: String]
    let body: Data

    var json: JSONValue { (try? CanonicalJSON.decode(from: body)) ?? .null }
    var code: String? { json["code"]?.string }
    subscript(_ header: String) -> String? { headers.first { $0.key.lowercased() == header.lowercased() }?.value }
}

extension ServerFixture {
    /// A request exactly as told, to see what the server makes of it.
    func ask(
        _ method: String, _ path: String, _ body: String? = nil, token: String?? = nil, headers: [String: String] = [:]
    ) async throws -> RawAnswer {
        var request = URLRequest(url: try #require(URL(string: url + path)))
        request.httpMethod = method
        if let token = token ?? adminToken { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        if let body {
            request.httpBody = Data(body.utf8)
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await URLSession.shared.data(for: request)
        let http = try #require(response as? HTTPURLResponse)
        var fields: [String: String] = [:]
        for (name, value) in http.allHeaderFields { fields["\(name)"] = "\(value)" }
        return RawAnswer(status: http.statusCode, headers: fields, body: data)
    }
}
