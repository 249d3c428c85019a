// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioInfrastructure
import ImpresarioModel

/// A host call as the guest asked for it: every field read and within its bounds. The guest has checked the same; a guest whose checks were broken
/// gets no further than here.
enum HostRequest: Sendable {
    case execute([(node: String, command: NodeCommand)])
    case put([(node: String, file: NodeFile)])
    case get(node: String, path: String, limit: Int)
    case putArtifact
    case declare(nodes: [String], json: String)
    case state(String)
    case putState(String, Data, expecting: UInt64)
    case secret(String)
    case putSecret(String, Data, expecting: UInt64)
    case keyPair(String, profile: String)
    case issueCertificate(request: String, profile: String)
    case revocationList(authority: String, serials: [String])
    /// Well-formed, but not acceptable.
    case refused(String, neededClass: PluginVerb.Class)

    var neededClass: PluginVerb.Class {
        switch self {
        case .execute, .get, .state, .secret: .read
        case .refused(_, let neededClass): neededClass
        default: .write
        }
    }

    // In the order of their numbers on the wire.
    private enum Function: UInt32 {
        case execute = 1
        case put, get, putArtifact, declare, state, putState, secret, putSecret, keyPair, issueCertificate, revocationList
    }

    init(_ payload: [UInt8]) throws(FrameError) {
        var fields = FieldReader(payload)
        let number = try fields.number(UInt32.self)
        guard let function = Function(rawValue: number) else { throw FrameError("a request for host function \(number)") }
        switch function {
        case .execute: self = try Self.readCommands(&fields)
        case .put: self = try Self.readFiles(&fields)
        case .get:
            let node = try fields.name(max: 128)
            let path = try fields.name(max: 4096)
            let limit = try fields.number(UInt64.self)
            guard limit <= PluginLimits.result else { throw FrameError("a get of \(limit) bytes") }
            self = Self.isPath(path) ? .get(node: node, path: path, limit: Int(limit)) : .refused(Self.badPath(path), neededClass: .read)
        case .putArtifact:
            _ = try fields.name(max: 128)
            _ = try fields.name(max: 255)
            _ = try fields.name(max: 4096)
            _ = try fields.number(UInt32.self)
            self = .putArtifact
        case .declare:
            let nodes = try fields.name(max: PluginLimits.argument).split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            self = .declare(nodes: nodes, json: try fields.name(max: PluginLimits.argument))
        case .state: self = Self.keyed(try fields.name(max: 128), .read) { .state($0) }
        case .secret: self = Self.keyed(try fields.name(max: 128), .read) { .secret($0) }
        case .putState:
            let key = try fields.name(max: 128)
            let value = Data(try fields.block(max: PluginLimits.stateValue))
            let version = try fields.number(UInt64.self)
            self = Self.keyed(key, .write) { .putState($0, value, expecting: version) }
        case .putSecret:
            let key = try fields.name(max: 128)
            let value = Data(try fields.block(max: PluginLimits.secret))
            let version = try fields.number(UInt64.self)
            self = Self.keyed(key, .write) { .putSecret($0, value, expecting: version) }
        case .keyPair:
            let name = try fields.name(max: PluginLimits.secret)
            let profile = try fields.name(max: PluginLimits.secret)
            self = Self.keyed(name, .write) { .keyPair($0, profile: profile) }
        case .issueCertificate:
            self = .issueCertificate(request: try fields.name(max: PluginLimits.secret), profile: try fields.name(max: PluginLimits.secret))
        case .revocationList:
            let authority = try fields.name(max: 128)
            var serials: [String] = []
            for _ in 0..<(try fields.count(max: 65_536)) { serials.append(try fields.name(max: 64)) }
            let areHex = serials.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) } }
            self =
                areHex
                ? Self.keyed(authority, .write) { .revocationList(authority: $0, serials: serials) }
                : .refused("A serial is not lower-case hex.", neededClass: .write)
        }
        try fields.end()
    }

    private static func readCommands(_ fields: inout FieldReader) throws(FrameError) -> HostRequest {
        var commands: [(node: String, command: NodeCommand)] = []
        var refusal: String?
        for _ in 0..<(try fields.count(max: PluginLimits.batch)) {
            let node = try fields.name(max: 128)
            let arguments = try readTexts(&fields)
            var environment: [String: String] = [:]
            for entry in try readTexts(&fields) {
                let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, !parts[0].isEmpty else {
                    refusal = "An environment entry is not NAME=value."
                    continue
                }
                environment[String(parts[0])] = String(parts[1])
            }
            let user = try fields.name(max: 128)
            let folder = try fields.name(max: 4096)
            let input = Data(try fields.block(max: PluginLimits.argument))
            let timeout = try fields.number(UInt32.self)
            let limit = try fields.number(UInt32.self)
            guard limit <= PluginLimits.result else { throw FrameError("an output limit of \(limit)") }
            if arguments.isEmpty { refusal = "A command has no arguments." }
            if !folder.isEmpty, !isPath(folder) { refusal = badPath(folder) }
            let command = NodeCommand(
                arguments, environment: environment, user: user.isEmpty ? nil : user, workingDirectory: folder.isEmpty ? nil : folder,
                input: input, timeout: timeout == 0 ? .seconds(60) : .milliseconds(Int(timeout)), outputLimit: Int(limit))
            commands.append((node, command))
        }
        if commands.isEmpty { refusal = "There are no commands." }
        return refusal.map { .refused($0, neededClass: .read) } ?? .execute(commands)
    }

    private static func readTexts(_ fields: inout FieldReader) throws(FrameError) -> [String] {
        var texts: [String] = []
        for _ in 0..<(try fields.count(max: PluginLimits.arguments)) { texts.append(try fields.name(max: PluginLimits.argument)) }
        return texts
    }

    private static func readFiles(_ fields: inout FieldReader) throws(FrameError) -> HostRequest {
        var files: [(node: String, file: NodeFile)] = []
        var refusal: String?
        for _ in 0..<(try fields.count(max: PluginLimits.batch)) {
            let node = try fields.name(max: 128)
            let path = try fields.name(max: 4096)
            let mode = try fields.number(UInt32.self)
            let owner = try fields.name(max: 128)
            let content = Data(try fields.block(max: PluginLimits.file))
            guard mode <= 0o7777 else { throw FrameError("a file mode of \(mode)") }
            if !isPath(path) || path == "/" { refusal = badPath(path) }
            files.append((node, NodeFile(path: path, content: content, mode: mode, owner: owner.isEmpty ? nil : owner)))
        }
        if files.isEmpty { refusal = "There are no files." }
        return refusal.map { .refused($0, neededClass: .write) } ?? .put(files)
    }

    private static func keyed(
        _ key: String, _ neededClass: PluginVerb.Class, _ make: (String) -> HostRequest
    ) -> HostRequest {
        let isKey =
            (1...128).contains(key.utf8.count)
            && key.utf8.allSatisfy { byte in
                (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte) || [45, 46, 47, 95].contains(byte)
            }
        return isKey ? make(key) : .refused("A key is 1 to 128 of a-z, A-Z, 0-9, '.', '_', '-' and '/'.", neededClass: neededClass)
    }

    private static func isPath(_ path: String) -> Bool {
        path.hasPrefix("/") && !path.split(separator: "/").contains { $0 == ".." || $0 == "." }
    }

    private static func badPath(_ path: String) -> String { "'\(path.prefix(200))' is not an absolute path without '..'." }
}

/// Bounds of `impresario/plugin.h`, in bytes or numbers.
enum PluginLimits {
    static let argument = 1 << 20
    static let result = 4 << 20
    static let file = 4 << 20
    static let request = 16 << 20
    static let stateValue = 256 << 10
    static let secret = 64 << 10
    static let schema = 64 << 10
    static let batch = 256
    static let arguments = 1024
}
