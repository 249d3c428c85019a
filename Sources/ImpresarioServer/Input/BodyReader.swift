// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// Bodies as the types of ``RequestBody``.
enum BodyReader {
    /// - Throws: `invalid-body` with a JSON pointer: no JSON, no object, a member that is missing, wrong or unknown.
    static func read<Body: RequestBody>(_ type: Body.Type = Body.self, from data: Data) throws(Problem) -> Body {
        let document = try json(data)
        guard let members = document.object else {
            throw Problem(.invalidBody, "The body is \(article(document.kind)), not an object.", field: "")
        }
        let unknown = members.keys.filter { !Body.members.contains($0) }.sorted()
        guard unknown.isEmpty else {
            let known = Body.members.sorted().joined(separator: ", ")
            let problems = unknown.map { name in
                Problem(
                    .invalidBody, "There is no member '\(name.prefix(80))' here.", field: "/\(name.prefix(80))",
                    remedy: "Possible: \(known).")
            }
            if problems.count == 1 { throw problems[0] }
            throw Problem(.invalidBody, "The body has \(problems.count) unknown members.", errors: problems)
        }
        do { return try CanonicalJSON.decode(Body.self, from: data) } catch let problem as Problem { throw problem } catch {
            throw Problem(decoding: error)
        }
    }

    static func json(_ data: Data) throws(Problem) -> JSONValue {
        do { return try CanonicalJSON.decode(from: data) } catch { throw Problem(decoding: error) }
    }

    private static func article(_ kind: String) -> String {
        switch kind {
        case "null": "null"
        case "array", "object", "integer": "an \(kind)"
        default: "a \(kind)"
        }
    }
}

extension Call {
    func read<Body: RequestBody>(_ type: Body.Type = Body.self) throws(Problem) -> Body { try BodyReader.read(from: body) }

    /// Nil when the request has no body.
    func readOptional<Body: RequestBody>(_ type: Body.Type = Body.self) throws(Problem) -> Body? { body.isEmpty ? nil : try read() }
}
