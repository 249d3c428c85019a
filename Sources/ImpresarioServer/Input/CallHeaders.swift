// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import ImpresarioModel

/// The headers that handlers look at, read strictly.
struct CallHeaders: Sendable {
    let fields: HTTPFields

    /// - Returns: nil without `If-Match` and for `*`, which any existing record meets.
    /// - Throws: `invalid-header` for everything but one strong tag as this API answers it.
    func ifMatch() throws(Problem) -> Int64? {
        guard let text = fields[.ifMatch], text != "*" else { return nil }
        guard text.count >= 3, text.hasPrefix("\""), text.hasSuffix("\""), let revision = Int64(text.dropFirst().dropLast()), revision >= 0
        else {
            throw Problem(
                .invalidHeader, "'\(text.prefix(80))' is not a tag of this API.", field: "If-Match",
                remedy: "Send the ETag of an answer as it was, with its quotes.")
        }
        return revision
    }

    func idempotencyKey() throws(Problem) -> String? {
        guard let text = fields[.idempotencyKey] else { return nil }
        guard (1...128).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw Problem(.invalidHeader, "An idempotency key is 1 to 128 printable characters without blanks.", field: "Idempotency-Key")
        }
        return text
    }

    /// The bearer token.
    func bearer() throws(Problem) -> String {
        guard let text = fields[.authorization] else {
            throw Problem(.unauthenticated, "The request has no token.", remedy: "Send it as Authorization: Bearer <token>.")
        }
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer", !parts[1].isEmpty else {
            throw Problem(
                .unauthenticated, "The Authorization header is not a bearer token.", remedy: "Send it as Authorization: Bearer <token>.")
        }
        return String(parts[1])
    }

    var wantsEventStream: Bool { fields[.accept]?.contains("text/event-stream") ?? false }

    func lastEventID() throws(Problem) -> Int64? {
        guard let text = fields[.lastEventID] else { return nil }
        guard let revision = Int64(text), revision >= 0 else {
            throw Problem(.invalidHeader, "'\(text.prefix(80))' is not an id of this stream.", field: "Last-Event-ID")
        }
        return revision
    }

    /// - Parameters:
    ///   - wanted: with or without a charset, which is UTF-8 in any case.
    ///   - what: begins the sentence that says what to do.
    func require(_ wanted: String, _ what: String) throws(Problem) {
        let type = fields[.contentType]?.split(separator: ";").first.map { $0.trimmingBlanks().lowercased() }
        guard type == wanted else {
            throw Problem(
                .unsupportedMediaType, "The body is \(fields[.contentType]?.prefix(80) ?? "of no type"), not \(wanted).",
                field: "Content-Type", remedy: "\(what) with Content-Type: \(wanted).")
        }
    }
}

extension HTTPField.Name {
    /// The names are constants of ours and valid; an invalid one would show as a header that is never there.
    private static func own(_ name: String) -> HTTPField.Name { HTTPField.Name(name) ?? .cookie }
    static let idempotencyKey = own("Idempotency-Key")
    static let lastEventID = own("Last-Event-ID")
    static let requestID = own("X-Request-Id")
    static let contentTypeOptions = own("X-Content-Type-Options")
}

extension Substring {
    func trimmingBlanks() -> Substring {
        var result = self
        while result.first == " " || result.first == "\t" { result.removeFirst() }
        while result.last == " " || result.last == "\t" { result.removeLast() }
        return result
    }
}
