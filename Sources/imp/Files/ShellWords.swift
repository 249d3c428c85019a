// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The shells that `eval` our lines.
enum Shell: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// And bash, zsh, dash.
    case sh
    case fish

    /// A line that sets a variable for the shell's children to exactly `value`, whatever characters it holds.
    func export(_ name: String, _ value: String) -> String {
        switch self {
        case .sh: "export \(name)=\(Self.quoted(value))"
        case .fish: "set -gx \(name) '\(value.replacing(#"\"#, with: #"\\"#).replacing("'", with: #"\'"#))'"
        }
    }

    /// One word of a line for people to type, in quotes only where it needs them.
    static func word(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._/+=:@%".contains($0)) }
        return isPlain ? text : quoted(text)
    }

    private static func quoted(_ text: String) -> String { "'\(text.replacing("'", with: #"'\''"#))'" }
}

/// Which variables a cluster's credentials may set in somebody's shell.
enum VariableName {
    private static let refused: Set = [
        "PATH", "IFS", "ENV", "BASH_ENV", "SHELLOPTS", "BASHOPTS", "PS4", "PROMPT_COMMAND", "HOME", "USER", "SHELL", "TMPDIR",
    ]

    /// Portable characters, and nothing that decides which programs the shell runs.
    static func isAllowed(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first), name.utf8.count <= 128 else { return false }
        let isPortable = name.utf8.allSatisfy {
            (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f
        }
        return isPortable && !refused.contains(name) && !name.hasPrefix("LD_") && !name.hasPrefix("DYLD_")
    }
}
