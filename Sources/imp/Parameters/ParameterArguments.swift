// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// The words of a command line that are no flags of `imp` itself, read by the parameters they set.
struct ParameterArguments: Hashable, Sendable {
    struct Setting: Hashable, Sendable {
        var path: [String]
        var value: JSONValue
    }

    var positionals: [String] = []
    /// One for each parameter that was set, lists collected.
    var settings: [Setting] = []

    /// - Parameters:
    ///   - words: in order, as the shell gave them.
    ///   - own: the command's own flags, without dashes, for suggestions.
    /// - Throws: ``Problem`` `invalid-usage`; when there are several, one that lists all.
    static func read(
        _ words: [String], parameters: [Parameter], own: [String], read: (String) throws -> Data
    ) throws(Problem) -> ParameterArguments {
        var scanner = Scanner(parameters: parameters, own: own, words: words[...])
        var problems: [Problem] = []
        while !scanner.isAtEnd {
            do { try scanner.step(read: read) } catch { problems.append(error) }
        }
        if problems.count == 1 { throw problems[0] }
        if !problems.isEmpty { throw Problem(.invalidUsage, "\(problems.count) arguments are wrong.", errors: problems) }
        return scanner.result
    }

    private struct Scanner {
        let parameters: [Parameter]
        let own: [String]
        var words: ArraySlice<String>
        var result = ParameterArguments()
        var isTerminated = false

        var isAtEnd: Bool { words.isEmpty }

        mutating func step(read: (String) throws -> Data) throws(Problem) {
            let word = words.removeFirst()
            if isTerminated || !word.hasPrefix("-") || word == "-" {
                result.positionals.append(word)
            } else if word == "--" {
                isTerminated = true
            } else {
                try flag(word, read: read)
            }
        }

        private mutating func flag(_ word: String, read: (String) throws -> Data) throws(Problem) {
            guard word.hasPrefix("--") else {
                throw Problem(.invalidUsage, "There is no flag '\(word)'.", field: word, remedy: "See --help.")
            }
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let name = parts[0]
            let attached = parts.count == 2 ? parts[1] : nil
            if let parameter = parameters.first(where: { $0.flag == name || $0.path.joined(separator: ".") == name }) {
                if case .boolean = parameter.kind { return try set(parameter, attached ?? "true", read: read) }
                if let attached { return try set(parameter, attached, read: read) }
                guard let next = words.first, !next.hasPrefix("--") else {
                    throw Problem(
                        .invalidUsage, "--\(name) needs a value: --\(name) <\(parameter.kind.word)>.", field: "--\(name)")
                }
                words.removeFirst()
                return try set(parameter, next, read: read)
            }
            if name.hasPrefix("no-"), attached == nil, let parameter = parameters.first(where: { $0.flag == name.dropFirst(3) }),
                parameter.kind == .boolean
            {
                return try set(parameter, "false", read: read)
            }
            // Its value, so that the next word is not taken for a name.
            if attached == nil, let next = words.first, !next.hasPrefix("-") { words.removeFirst() }
            let near = Nearest.find(name, among: parameters.map(\.flag) + own)
            throw Problem(
                .invalidUsage, "There is no flag '--\(name)'.", field: "--\(name)",
                remedy: near.map { "Did you mean --\($0)?" } ?? "See --help.")
        }

        private mutating func set(_ parameter: Parameter, _ text: String, read: (String) throws -> Data) throws(Problem) {
            let value = try parameter.value(from: text, read: read)
            let index = result.settings.firstIndex { $0.path == parameter.path }
            if case .list = parameter.kind {
                if let index {
                    result.settings[index].value = .array((result.settings[index].value.array ?? []) + [value])
                } else {
                    result.settings.append(Setting(path: parameter.path, value: .array([value])))
                }
            } else if index != nil {
                throw Problem(.invalidUsage, "--\(parameter.flag) is given twice.", field: "--\(parameter.flag)")
            } else {
                result.settings.append(Setting(path: parameter.path, value: value))
            }
        }
    }
}
