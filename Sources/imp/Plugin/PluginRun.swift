// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ImpresarioModel
import ImpresarioPluginTools

/// Makes one cluster of a plugin's type without a broker; the type's parameters are flags, read from the library.
struct PluginRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Make one cluster of a plugin under your eyes; needs no broker.",
        usage: "imp plugin run <file> [--<parameter> <value> ...] [<options>]",
        discussion: """
            Every verb and host call is shown. Then commands are read from standard input, or taken from --then, and at the end all is cleaned up:

            \(RunCommand.list)

            Example: imp plugin run ./libTYPE.so --nodes simulated --then 'health, credentials, destroy'
            """,
        helpNames: [])

    @Option(help: ArgumentHelp("The cluster type, where the plugin has several.", valueName: "type"))
    var type: String?

    @OptionGroup var nodes: NodeOptions

    @Option(
        help: ArgumentHelp("What to do with the cluster, separated by commas, instead of reading standard input.", valueName: "commands"))
    var then: String?

    @Flag(help: "The plugin's process tells its number and loads the library when a debugger is attached; nothing has a deadline.")
    var waitDebugger = false

    @Option(name: .customLong("set"), help: ArgumentHelp("A parameter; repeatable, dots lead into objects.", valueName: "key=value"))
    var assignments: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("A YAML or JSON file of parameters; repeatable.", valueName: "path"))
    var file: [String] = []

    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("The library, and the parameters.", visibility: .hidden))
    var words: [String] = []

    static let ownFlags = ["type", "nodes", "cache", "guest", "then", "wait-debugger", "set", "file", "help"]

    func run() async throws {
        let wantsHelp = words.contains("--help") || words.contains("-h")
        let words = words.filter { !["--help", "-h"].contains($0) }
        guard let path = words.first, !path.hasPrefix("-") else {
            if wantsHelp { return Surroundings.current.out(Imp.helpMessage(for: Self.self) + "\n") }
            throw Problem(.invalidUsage, "The plugin's library is expected first.", remedy: "Write it like imp plugin run ./libweb.so.")
        }
        let library = URL(filePath: path).standardizedFileURL.path
        guard FileManager.default.isReadableFile(atPath: library) else {
            throw Problem(.invalidUsage, "The library \(library) cannot be read.", field: "file")
        }
        let type = try Self.choose(type, try await LocalHost.manifest(of: library, guest: try nodes.guestHost()))
        let parameters = SchemaParameters.read(type.createSchema)
        if wantsHelp {
            let own = Imp.helpMessage(for: Self.self)
            return Surroundings.current.out("\(own)\n\nPARAMETERS OF \(type.id):\n\(ParameterHelp.render(parameters))")
        }
        let document = try document(Array(words.dropFirst()), parameters)
        let commands = try then.map { try $0.split(separator: ",").map { try RunCommand(String($0), of: type) } }
        let surroundings = Surroundings.current
        try await nodes.with { [waitDebugger] ground, guest in
            try await LocalHost.with(
                library: library, guest: guest, ground: ground, type: type, waitsForDebugger: waitDebugger,
                tell: { surroundings.out(Table.printable($0, keepingLines: true) + "\n") }
            ) { host in
                try await host.make(document)
                for command in commands ?? [] { try await command.perform(on: host) }
                if commands == nil { try await Self.converse(host, type) }
            }
        }
    }

    private static func choose(_ id: String?, _ manifest: PluginManifest) throws(Problem) -> ClusterType {
        let known = manifest.types.map(\.id).joined(separator: ", ")
        guard let id else {
            guard manifest.types.count == 1 else {
                throw Problem(.invalidUsage, "The plugin has several types.", field: "--type", remedy: "Choose one of: \(known).")
            }
            return manifest.types[0]
        }
        guard let type = manifest.types.first(where: { $0.id == id }) else {
            throw Problem(.invalidUsage, "The plugin has no type '\(id)'.", field: "--type", remedy: "It has: \(known).")
        }
        return type
    }

    private func document(_ words: [String], _ parameters: [Parameter]) throws(Problem) -> JSONValue {
        let arguments = try ParameterArguments.read(words, parameters: parameters, own: Self.ownFlags, read: ParameterSource.read)
        guard arguments.positionals.isEmpty else {
            throw Problem(.invalidUsage, "'\(arguments.positionals[0])' is not expected here.", remedy: "See --help.")
        }
        var document = ParameterDocument()
        for path in file { try document.merge(try ParameterSource.document(path), source: path) }
        for text in assignments { try document.assign(text, parameters: parameters, read: ParameterSource.read) }
        for setting in arguments.settings { document.set(setting.path, setting.value) }
        return document.value
    }

    /// A command that fails is told, and the next one is read.
    private static func converse(_ host: LocalHost, _ type: ClusterType) async throws {
        var lines = InputLines()
        Surroundings.current.note("commands: help tells which; an empty line or the end of input ends the run")
        while let line = try await lines.next(), !line.allSatisfy(\.isWhitespace) {
            do {
                try await RunCommand(line, of: type).perform(on: host)
            } catch let problem as Problem {
                Surroundings.current.err(ProblemText.render(problem))
            }
        }
    }
}

/// Standard input line by line, without standing in the way of Ctrl-C.
private struct InputLines {
    private var bytes: [UInt8] = []
    private var isAtEnd = false

    mutating func next() async throws -> String? {
        while true {
            if let end = bytes.firstIndex(of: 0x0a) {
                defer { bytes.removeSubrange(...end) }
                return String(decoding: bytes[..<end], as: UTF8.self)
            }
            if isAtEnd {
                defer { bytes = [] }
                return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
            }
            var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            if poll(&input, 1, 0) == 0 {
                try await Task.sleep(for: .milliseconds(50))
                continue
            }
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count = read(STDIN_FILENO, &chunk, chunk.count)
            if count > 0 { bytes += chunk[..<count] } else { isAtEnd = true }
        }
    }
}
