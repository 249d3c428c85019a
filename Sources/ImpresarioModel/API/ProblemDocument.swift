// SPDX-License-Identifier: Apache-2.0

/// A ``Problem`` as the body of an answer: RFC 9457 with members of our own. The log's `detail` is not part of it.
public struct ProblemDocument: Codable, Hashable, Sendable {
    public static let mediaType = "application/problem+json"

    /// `urn:impresario:problem:<code>`.
    public var type: String
    /// The code in words.
    public var title: String
    public var status: Int
    public var code: String
    /// The sentence for people: ``Problem/message``.
    public var detail: String
    public var field: String?
    public var owner: Problem.Owner
    public var remedy: String?
    public var errors: [ProblemDocument]?
    public var facts: [String: JSONValue]?
    public var retryable: Bool?
    public var cause: [ProblemDocument]?

    public init(_ problem: Problem) {
        type = "urn:impresario:problem:\(problem.code)"
        title = problem.code.prefix(1).uppercased() + problem.code.dropFirst().replacing("-", with: " ")
        status = problem.status
        code = problem.code
        detail = problem.message
        field = problem.field
        owner = problem.owner
        remedy = problem.remedy
        errors = problem.errors?.map(ProblemDocument.init)
        facts = problem.facts
        retryable = problem.isRetryable
        cause = problem.cause?.map(ProblemDocument.init)
    }

    public var problem: Problem {
        var result = Problem(
            pluginCode: code, message: detail, field: field, detail: nil, owner: owner, isRetryable: retryable ?? false)
        result.remedy = remedy
        result.errors = errors?.map(\.problem)
        result.facts = facts
        result.cause = cause?.map(\.problem)
        return result
    }
}
