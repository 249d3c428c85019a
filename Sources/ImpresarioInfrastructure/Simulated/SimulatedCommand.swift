// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The few programs that a simulated node has: `true`, `false`, `echo`, `cat`, and `test -e` or `-f` of files that were put.
enum SimulatedCommand {
    static func run(_ command: NodeCommand, in files: [String: NodeFile]) -> CommandOutcome {
        let arguments = command.arguments.dropFirst()
        switch command.arguments.first {
        case "true": return ended(0)
        case "false": return ended(1)
        case "echo": return printed(Data((arguments.joined(separator: " ") + "\n").utf8), command)
        case "cat" where arguments.isEmpty: return printed(command.input, command)
        case "cat":
            var output = Data()
            for path in arguments {
                guard let file = files[path] else { return ended(1, "cat: \(path): No such file or directory\n") }
                output += file.content
            }
            return printed(output, command)
        case "test" where arguments.count == 2 && ["-e", "-f"].contains(arguments.first):
            return ended(arguments.last.flatMap { files[$0] } == nil ? 1 : 0)
        default: return ended(127, "not simulated")
        }
    }

    private static func ended(_ code: Int32, _ error: String = "") -> CommandOutcome {
        CommandOutcome(exitCode: code, output: Data(), error: Data(error.utf8))
    }

    private static func printed(_ output: Data, _ command: NodeCommand) -> CommandOutcome {
        CommandOutcome(
            exitCode: 0, output: output.prefix(command.outputLimit), error: Data(), isTruncated: output.count > command.outputLimit)
    }
}
