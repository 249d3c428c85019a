// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// A problem as lines on standard error.
///
///     error: 2 is not one of 1, 3, 5.
///       at:     --managers
///       remedy: …
///       code:   invalid-parameters
enum ProblemText {
    /// - Parameter flags: what the caller wrote for a JSON pointer: `/parameters/managers` was `--managers`.
    static func render(_ problem: Problem, flags: [String: String] = [:]) -> String {
        func place(_ field: String) -> String { flags[field] ?? field }
        var lines = ["error: \(Table.printable(problem.message))"]
        if let field = problem.field, !field.isEmpty { lines.append("  at:     \(place(field))") }
        for error in problem.errors ?? [] {
            lines.append("  - \(error.field.map { "\(place($0)): " } ?? "")\(Table.printable(error.message))")
        }
        for (index, cause) in causes(of: problem).enumerated() {
            lines.append("  \(index == 0 ? "cause:  " : "        ")\(Table.printable(cause.message))")
        }
        if let remedy = problem.remedy { lines.append("  remedy: \(Table.printable(remedy))") }
        lines.append("  code:   \(problem.code)")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func causes(of problem: Problem) -> [Problem] {
        (problem.cause ?? []).flatMap { [$0] + causes(of: $0) }
    }
}
