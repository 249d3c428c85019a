// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// One request, as a value.
struct APIRequest: Sendable {
    enum Method: String { case get = "GET", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE" }

    var method: Method
    /// Percent-encoded.
    var path: String
    var query: [(name: String, value: String)] = []
    var body: Data?
    /// Instead of ``body``, as octets. The same file twice is the same as once.
    var upload: FileUpload?
    var headers: [String: String] = [:]
    /// How long the broker may hold the answer.
    var hold: Duration = .zero

    /// - Parameter segments: each becomes one segment of the path, whatever characters it holds.
    init(_ method: Method, _ segments: String...) {
        self.method = method
        path = "/" + segments.map(Self.encode).joined(separator: "/")
    }

    /// Doing it twice is the same as doing it once.
    var isRepeatable: Bool { method != .post && method != .patch || headers["Idempotency-Key"] != nil || upload != nil }

    var target: String {
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { "\(Self.encode($0.name))=\(Self.encode($0.value))" }.joined(separator: "&")
    }

    func with(query name: String, _ value: String?) -> APIRequest {
        guard let value else { return self }
        var copy = self
        copy.query.append((name, value))
        return copy
    }

    func with(header name: String, _ value: String?) -> APIRequest {
        guard let value else { return self }
        var copy = self
        copy.headers[name] = value
        return copy
    }

    func with(body: some Encodable) throws(Problem) -> APIRequest {
        var copy = self
        do { copy.body = try CanonicalJSON.encode(body) } catch {
            throw Problem(.invalidBody, "The request cannot be written as JSON.", detail: String(describing: error))
        }
        return copy
    }

    private static let unreserved = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")

    static func encode(_ text: String) -> String {
        // `.` and `..` would be taken as steps in the path.
        if text == "." || text == ".." { return text.replacing(".", with: "%2E") }
        return text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }
}

/// What came back, read.
struct APIAnswer<Value> {
    var value: Value
    /// Without the quotes.
    var revision: String?
}
