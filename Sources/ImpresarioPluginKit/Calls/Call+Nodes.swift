// SPDX-License-Identifier: Apache-2.0

import CImpresario
public import FoundationEssentials

extension Call {
    /// [read] Runs commands at once, on one node or many, and waits for all; outcomes in the same order. A non-zero exit is an outcome, not an error.
    /// Verbs of class `[read]` must only run commands that change nothing.
    ///
    /// - Throws: ``PluginProblem/Status/unavailable`` when a node cannot be reached; nothing is then known of the others either.
    public func execute(_ commands: [Command]) throws(PluginProblem) -> [Outcome] {
        var outcomes: [Outcome] = []
        // The host takes a bounded number at once.
        var rest = commands[...]
        while !rest.isEmpty {
            outcomes += try executeBatch(rest.prefix(IMP_MAX_BATCH))
            rest = rest.dropFirst(IMP_MAX_BATCH)
        }
        return outcomes
    }

    /// [read] One command.
    public func execute(_ command: Command) throws(PluginProblem) -> Outcome {
        let outcomes = try execute([command])
        guard let outcome = outcomes.first else {
            throw PluginProblem(.internal, code: "sdk.no-outcome", "The host told no outcome.", owner: .plugin)
        }
        return outcome
    }

    private func executeBatch(_ commands: ArraySlice<Command>) throws(PluginProblem) -> [Outcome] {
        var taken: [OpaquePointer] = []
        defer { for sink in taken { sinks.giveBack(sink) } }
        for _ in 0..<commands.count * 2 { taken.append(try sinks.take()) }
        return try Arena.with { arena throws(PluginProblem) in
            let entries = zip(commands, 0...).map { command, index in
                var entry = imp_exec()
                entry.struct_size = UInt32(MemoryLayout<imp_exec>.size)
                entry.node = arena.text(command.node)
                entry.argc = command.arguments.count
                entry.argv = UnsafePointer(arena.array(command.arguments.map { arena.text($0) }))
                entry.envc = command.environment.count
                entry.env = UnsafePointer(arena.array(command.environment.sorted { $0.key < $1.key }.map { arena.text("\($0)=\($1)") }))
                entry.user = arena.text(command.user)
                entry.in = arena.bytes(command.input)
                entry.timeout_ms =
                    UInt32(clamping: command.timeout.components.seconds * 1000)
                    + UInt32(command.timeout.components.attoseconds / 1_000_000_000_000_000)
                entry.out = taken[index * 2]
                entry.err = taken[index * 2 + 1]
                return entry
            }
            guard let block = arena.array(entries) else { return [] }
            let pointers = entries.indices.map { Optional(block + $0) }
            try check(host.pointee.node_exec(pointer, arena.array(pointers), entries.count))
            return entries.indices.map { index in
                Outcome(
                    exitCode: block[index].exit_code, output: String(host.pointee.out_view(taken[index * 2])),
                    error: String(host.pointee.out_view(taken[index * 2 + 1])),
                    isTruncated: block[index].result & UInt32(IMP_X_TRUNCATED) != 0,
                    timedOut: block[index].result & UInt32(IMP_X_TIMED_OUT) != 0)
            }
        }
    }

    /// [write] Puts files into nodes; each is written aside and renamed into place. Not atomic over several.
    public func put(_ files: [File]) throws(PluginProblem) {
        guard !files.isEmpty else { return }
        try Arena.with { arena throws(PluginProblem) in
            let entries = files.map { file in
                var entry = imp_file()
                entry.struct_size = UInt32(MemoryLayout<imp_file>.size)
                entry.mode = file.mode
                entry.node = arena.text(file.node)
                entry.path = arena.text(file.path)
                entry.owner = arena.text(file.owner)
                entry.bytes = arena.bytes(file.content)
                return entry
            }
            guard let block = arena.array(entries) else { return }
            let pointers = entries.indices.map { Optional(UnsafePointer(block + $0)) }
            try check(host.pointee.node_put(pointer, arena.array(pointers), entries.count))
        }
    }

    /// [read] The content of a regular file.
    ///
    /// - Parameter limit: in bytes; a longer file is ``PluginProblem/Status/exhausted``.
    /// - Returns: nil when there is no such file.
    public func get(_ path: String, from node: Node, limit: Int = 1 << 20) throws(PluginProblem) -> Data? {
        try optional { () throws(PluginProblem) in
            try answer { sink throws(PluginProblem) in
                try Arena.with { arena throws(PluginProblem) in
                    try check(host.pointee.node_get(pointer, arena.text(node.id), arena.text(path), UInt64(limit), sink))
                }
            }
        }
    }

    /// [write] Declares a supervised daemon and waits until it is so; see ``Service``. A changed declaration restarts it.
    public func declare(_ service: Service, on node: Node) throws(PluginProblem) { try declare(service, on: [node]) }

    /// [write] Declares the same daemon on several nodes at once; none is no call.
    public func declare(_ service: Service, on nodes: [Node]) throws(PluginProblem) {
        guard !nodes.isEmpty else { return }
        let json = try service.json()
        try Arena.with { arena throws(PluginProblem) in
            try check(host.pointee.node_service(pointer, arena.text(nodes.map(\.id).joined(separator: ",")), arena.text(json)))
        }
    }

    /// Nil for ``PluginProblem/Status/notFound``.
    func optional<Value>(_ body: () throws(PluginProblem) -> Value) throws(PluginProblem) -> Value? {
        do { return try body() } catch {
            if error.status == .notFound { return nil }
            throw error
        }
    }
}

/// A file for a node.
public struct File: Hashable, Sendable {
    /// The node's id.
    public var node: String
    /// Absolute, without `..`; missing folders are made.
    public var path: String
    /// At most 4 MiB.
    public var content: Data
    /// Permission bits.
    public var mode: UInt32
    /// `user` or `user:group` of the node; nil is root.
    public var owner: String?

    /// A file of text.
    public init(_ node: Node, _ path: String, _ text: String, mode: UInt32 = 0o644, owner: String? = nil) {
        self.node = node.id
        self.path = path
        self.content = Data(text.utf8)
        self.mode = mode
        self.owner = owner
    }
}
