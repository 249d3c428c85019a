// SPDX-License-Identifier: Apache-2.0

/// Why something was refused or failed, in a form that a stranger can act on. Serialised as RFC 9457 `application/problem+json`.
public struct Problem: Error, Hashable, Sendable, Codable {
    /// Who can mend it.
    public enum Owner: String, Sendable, Codable {
        case tenant, admin, plugin, infrastructure
    }

    /// Stable; clients switch on it. The list is ``ProblemCode``; plugins add their own as `<plugin>.<code>`.
    public var code: String
    /// One or two sentences for the caller; no secrets, nothing of another tenant.
    public var message: String
    /// JSON pointer into the request (`/parameters/managers`) or the name of a header or query parameter.
    public var field: String?
    /// For the log and the admin only. Never sent to a tenant.
    public var detail: String?
    public var owner: Owner
    /// What to do about it.
    public var remedy: String?
    /// Further problems found in the same request, each with a field of its own.
    public var errors: [Problem]?
    /// The same request can succeed later without a change.
    public var isRetryable: Bool?
    /// What led to it, as nested problem.
    public var cause: [Problem]?
    /// Machine-readable facts: level, key, limit, used, asked …
    public var facts: [String: JSONValue]?

    public init(
        _ code: ProblemCode, _ message: String, field: String? = nil, detail: String? = nil, owner: Owner? = nil,
        remedy: String? = nil, errors: [Problem]? = nil, facts: [String: JSONValue]? = nil, cause: Problem? = nil
    ) {
        self.code = code.rawValue
        self.message = message
        self.field = field
        self.detail = detail
        self.owner = owner ?? code.owner
        self.remedy = remedy
        self.errors = errors
        self.facts = facts
        self.isRetryable = code.isRetryable ? true : nil
        self.cause = cause.map { [$0] }
    }

    /// A problem that a plugin told in its own words.
    public init(pluginCode: String, message: String, field: String?, detail: String?, owner: Owner, isRetryable: Bool) {
        self.code = pluginCode
        self.message = message
        self.field = field
        self.detail = detail
        self.owner = owner
        self.isRetryable = isRetryable ? true : nil
    }

    public func `is`(_ code: ProblemCode) -> Bool { self.code == code.rawValue }

    /// The HTTP status; 500 for codes this version does not know.
    public var status: Int { ProblemCode(rawValue: code)?.status ?? (isRetryable == true ? 503 : 500) }

    /// Turns a `DecodingError` into a sentence with a JSON pointer; any other error into the given code with its description.
    public init(decoding error: any Error, code: ProblemCode = .invalidBody) {
        guard let error = error as? DecodingError else {
            self.init(code, "The document could not be read.", detail: String(describing: error))
            return
        }
        func pointer(_ path: [any CodingKey]) -> String {
            path.map { "/" + ($0.intValue.map(String.init) ?? $0.stringValue) }.joined()
        }
        switch error {
        case .keyNotFound(let key, let context):
            self.init(
                code, "The member '\(key.stringValue)' is missing.", field: pointer(context.codingPath + [key]))
        case .typeMismatch(let type, let context):
            self.init(
                code, "The member is not of the right type (\(Self.word(for: type)) expected).",
                field: pointer(context.codingPath))
        case .valueNotFound(let type, let context):
            self.init(code, "The member is null where \(Self.word(for: type)) is expected.", field: pointer(context.codingPath))
        case .dataCorrupted(let context):
            let isSyntax = context.codingPath.isEmpty
            self.init(
                code, isSyntax ? "The document is not JSON." : "\(context.debugDescription).",
                field: isSyntax ? nil : pointer(context.codingPath), detail: context.debugDescription)
        @unknown default:
            self.init(code, "The document could not be read.", detail: String(describing: error))
        }
    }

    private static func word(for type: any Any.Type) -> String {
        switch "\(type)" {
        case let name where name.hasPrefix("Array"): "an array"
        case let name where name.hasPrefix("Dictionary"): "an object"
        case "String": "a string"
        case "Bool": "true or false"
        case "Double", "Float": "a number"
        case let name where name.contains("Int"): "a whole number"
        default: "another type"
        }
    }
}

extension Problem: CustomStringConvertible {
    /// Code, field and message, without detail, so that printing a problem cannot leak one.
    public var description: String { "\(code)\(field.map { " at \($0)" } ?? ""): \(message)" }
}

extension Problem {
    /// The error itself if it is a problem, otherwise `internal` with the error as detail.
    public init(wrapping error: any Error) {
        if let problem = error as? Problem {
            self = problem
        } else {
            self.init(.internal, "The broker made a mistake.", detail: String(describing: error))
        }
    }
}
