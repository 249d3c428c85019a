// SPDX-License-Identifier: Apache-2.0

import Foundation
public import ImpresarioModel

extension LocalDriver {
    public func execute(_ command: NodeCommand, on node: ID<Node>, fence: Fence) async throws(Problem) -> CommandOutcome {
        try await asProblem {
            _ = try self.record(node)
            try Name.check(fence.operation, field: "operation")
            return try await self.runCommand(command, on: node, fence: fence)
        }
    }

    public func enforce(_ fence: Fence, on node: ID<Node>) async throws(Problem) {
        try await asProblem {
            try Name.check(node.rawValue, field: "node")
            try Name.check(fence.operation, field: "operation")
            let group = self.names.cgroup(node)
            let earlier =
                self.cgroups.commandGroups(of: group, operation: fence.operation, before: fence.attempt)
                + self.cgroups.commandGroups(of: group, operation: Self.ownOperation, before: self.generation)
            for path in earlier {
                // A command that was about to enter the group fails to, once the group is gone.
                try await Cgroups.kill(path)
                try await Cgroups.remove(path)
            }
        }
    }

    /// What the driver runs for itself (reading and writing files); the attempt is this process's `generation`.
    static let ownOperation = "driver"

    /// The runtime's own process enters the command's group before it does anything; so nothing of a command is ever outside it, also when
    /// this process dies while the command starts.
    private static let enterAndRun = "echo 0 > \"$0/cgroup.procs\" && exec runc \"$@\""

    func runCommand(_ command: NodeCommand, on node: ID<Node>, fence: Fence) async throws -> CommandOutcome {
        let arguments = try Self.arguments(of: command)
        try Task.checkCancellation()
        guard initProcess(node) != nil else { throw Self.notRunning(node) }
        let group = try cgroups.makeCommandGroup(of: names.cgroup(node), operation: fence.operation, attempt: fence.attempt)
        let files = "\(names.runtime)/\(UUID().uuidString)"
        let (processID, configuration) = ("\(files).pid", "\(files).json")
        defer { for file in [processID, configuration] { unlink(file) } }
        let process = ContainerConfiguration.process(
            arguments, environment: command.environment, folder: command.workingDirectory ?? "/", bounding: bounding)
        try CanonicalJSON.encode(process).write(to: URL(filePath: configuration))
        let call =
            ["-c", Self.enterAndRun, group.path]
            + runc(["exec", "--cgroup", group.argument, "--pid-file", processID, "--process", configuration, names.node(node)])
        do {
            let outcome = try await Self.wait(for: command, in: group.path, processID: processID, call: call)
            // What a command left in the background stays in its group, until the fence is enforced.
            if rmdir(group.path) == 0 { rmdir((group.path as NSString).deletingLastPathComponent) }
            if outcome.exitCode != 0, initProcess(node) == nil { throw Self.notRunning(node) }
            return outcome
        } catch {
            try await Cgroups.kill(group.path)
            try await Cgroups.remove(group.path)
            throw error
        }
    }

    private enum Happening: Sendable {
        case ended(CommandOutcome), timeout, cancelled, watched
    }

    private static func wait(for command: NodeCommand, in group: String, processID: String, call: [String]) async throws -> CommandOutcome {
        let (input, limit, timeout) = (command.input, command.outputLimit, command.timeout)
        // A task of its own, awaited below, so that cancellation does not reach it: that would kill the runtime, and its child in the node
        // would be left for the machine's init to reap. Instead the command is killed, and the runtime ends with it.
        let runtime = Task { try await Tools.outcome("sh", call, input: input, limit: limit) }
        return try await withThrowingTaskGroup(of: Happening.self) { tasks in
            tasks.addTask { .ended(try await runtime.value) }
            tasks.addTask {
                do { try await Task.sleep(for: timeout) } catch { return .cancelled }
                return .timeout
            }
            tasks.addTask {
                try? await releaseOutput(of: processID, in: group)
                return .watched
            }
            defer { tasks.cancelAll() }
            var (timedOut, cancelled) = (false, false)
            while let happening = try await tasks.next() {
                switch happening {
                case .ended(var outcome):
                    if cancelled { throw CancellationError() }
                    outcome.timedOut = timedOut
                    if timedOut { outcome.exitCode = 128 + SIGKILL }
                    return outcome
                case .timeout:
                    timedOut = true
                    try await Cgroups.kill(group)
                case .cancelled:
                    cancelled = true
                    try await Cgroups.kill(group)
                case .watched: break
                }
            }
            throw CancellationError()
        }
    }

    /// The runtime waits until the command's output is closed, which a child left in the background may never do. When the command itself has
    /// ended for a second, such children are killed. A background child that has closed its output is left alone.
    private static func releaseOutput(of processID: String, in group: String) async throws {
        while true {
            try await Task.sleep(for: .milliseconds(200))
            guard let process = Disk.readText(processID).flatMap({ pid_t($0) }), !isAlive(process) else { continue }
            try await Task.sleep(for: .seconds(1))
            try await Cgroups.kill(group)
            return
        }
    }

    private static func arguments(of command: NodeCommand) throws -> [String] {
        let texts =
            command.arguments + command.environment.flatMap { [$0.key, $0.value] } + [command.user ?? "", command.workingDirectory ?? ""]
        guard !command.arguments.isEmpty, !texts.contains(where: { $0.utf8.contains(0) }) else {
            throw Problem(.infrastructure, "A command has no arguments, or a zero byte in one.", owner: .plugin)
        }
        guard command.environment.keys.allSatisfy({ !$0.isEmpty && !$0.contains("=") }) else {
            throw Problem(.infrastructure, "A command's environment has a name that is empty or holds '='.", owner: .plugin)
        }
        guard let user = command.user, user != "root" else { return command.arguments }
        guard user.wholeMatch(of: /[a-zA-Z0-9_][a-zA-Z0-9_.-]*/) != nil else {
            throw Problem(.infrastructure, "'\(user.prefix(40))' is not the name of a user.", owner: .plugin)
        }
        // The user database is the node's own, so it is read there.
        return [
            "/bin/sh", "-c",
            "[ \"$HOME\" != /root ] || export HOME=\"$(getent passwd \"$0\" | cut -d: -f6)\"; "
                + "exec setpriv --reuid=\"$0\" --regid=\"$(id -g \"$0\")\" --init-groups -- \"$@\"", user,
        ] + command.arguments
    }

    private static func notRunning(_ node: ID<Node>) -> Problem {
        Problem(.nodeUnreachable, "The node \(node) does not run.", remedy: "Start it or repair the cluster.")
    }
}
