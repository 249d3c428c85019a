// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import ImpresarioPluginTools

/// A line of `imp plugin run`.
enum RunCommand {
    case health, again, destroy, help
    case credentials(String)
    case revoke(String)
    case setRunning(Bool, String)
    case leave(String)
    case join(String)
    case perform(TypedOperation, [String: JSONValue])

    static let list = """
          health                       ask for it
          again                        bootstrap and join once more, as after an interruption
          stop NODE, start NODE        the node's machine
          leave NODE, join NODE        a member that lives leaves; a new one takes its place
          credentials [BINDING]        issue some
          revoke [BINDING]             take them back
          do OPERATION [--flag value]  an operation of the type
          destroy                      the verb; nodes go at the end in any case
        """

    init(_ line: String, of type: ClusterType) throws(Problem) {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        let second = words.count > 1 ? words[1] : nil
        switch words.first {
        case "health": self = .health
        case "again": self = .again
        case "destroy": self = .destroy
        case "help": self = .help
        case "credentials": self = .credentials(second ?? "b-1")
        case "revoke": self = .revoke(second ?? "b-1")
        case "stop" where second != nil, "start" where second != nil: self = .setRunning(words[0] == "start", second ?? "")
        case "leave" where second != nil: self = .leave(second ?? "")
        case "join" where second != nil: self = .join(second ?? "")
        case "do" where second != nil:
            let operation = try ClusterDo.find(second ?? "", in: type)
            self = .perform(operation, try ClusterDo.arguments(Array(words.dropFirst(2)), of: operation))
        default:
            throw Problem(.invalidUsage, "'\(line.prefix(80))' is no command.", remedy: "There are:\n\(Self.list)")
        }
    }

    func perform(on host: LocalHost) async throws {
        switch self {
        case .health: try await host.health()
        case .again: try await host.again()
        case .destroy: try await host.destroy()
        case .help: Surroundings.current.out(Self.list + "\n")
        case .credentials(let binding): Self.show(try await host.credentials(binding))
        case .revoke(let binding): try await host.revoke(binding)
        case .setRunning(let isRunning, let node): try await host.setRunning(isRunning, node: node)
        case .leave(let node): try await host.leave(node: node)
        case .join(let node): try await host.join(node: node)
        case .perform(let operation, let arguments): Self.show(try await host.perform(operation, arguments))
        }
    }

    /// Whole, where the transcript shows the beginning.
    private static func show(_ answer: JSONValue) { Surroundings.current.out(YAML.write(answer)) }
}
