// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Flags of parameters, as help shows them: in the manner of the program's own.
enum ParameterHelp {
    private static let indent = 26
    private static let width = 80

    static func render(_ parameters: [Parameter]) -> String {
        guard !parameters.isEmpty else { return "  (none)\n" }
        return parameters.map { parameter in
            let head = "  " + label(parameter)
            var lines = wrap(text(parameter), width: width - indent)
            var result = head
            if head.count < indent - 1, !lines.isEmpty {
                result = head.padded(to: indent) + lines.removeFirst()
            }
            return ([result] + lines.map { String(repeating: " ", count: indent) + $0 }).joined(separator: "\n") + "\n"
        }.joined()
    }

    private static func label(_ parameter: Parameter) -> String {
        switch parameter.kind {
        case .boolean: "--\(parameter.flag), --no-\(parameter.flag)"
        case .list(let element): "--\(parameter.flag) <\(element.word)> ..."
        case .string where parameter.isSecret: "--\(parameter.flag) <@file>"
        default: "--\(parameter.flag) <\(parameter.kind.word)>"
        }
    }

    private static func text(_ parameter: Parameter) -> String {
        var facts: [String] = []
        if parameter.isRequired { facts.append("required") }
        if !parameter.choices.isEmpty { facts.append("values: " + parameter.choices.map(show).joined(separator: ", ")) }
        if let bounds = parameter.bounds { facts.append(bounds) }
        if let value = parameter.defaultValue, !parameter.isSecret { facts.append("default: " + show(value)) }
        let note = facts.isEmpty ? "" : "(\(facts.joined(separator: "; ")))"
        return [Table.printable(parameter.summary), note].filter { !$0.isEmpty }.joined(separator: " ")
    }

    private static func show(_ value: JSONValue) -> String {
        if case .string(let text) = value { return text }
        return (try? CanonicalJSON.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    static func wrap(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
