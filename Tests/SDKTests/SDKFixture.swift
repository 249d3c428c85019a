// SPDX-License-Identifier: Apache-2.0

import Foundation
import GuestTesting
import ImpresarioModel
import ImpresarioPlugins
import Logging
import Subprocess
import Testing

/// Programs and plugins of `Tests/SDKTests/Programs`, built with nothing but the SDK's headers, in a folder that goes with the test.
struct SDKFixture {
    let folder: URL
    let pool: GuestPool
    let pin: PluginPin
    let operations: [TypedOperation]

    enum Language: String, CaseIterable {
        case c, cpp

        /// Standard and strictness: what is not the standard's fails.
        var compiler: [String] {
            let strict = ["-Wall", "-Wextra", "-Wshadow", "-Werror", "-pedantic"]
            return self == .c ? ["cc", "-std=gnu11"] + strict : ["c++", "-std=c++17", "-x", "c++"] + strict
        }
    }

    private static let root = GuestFixture.packageRoot.path
    private static let includes = ["CImpresario", "SDK/c", "SDK/cpp"].map { "-I\(root)/Sources/\($0)/include" }

    static func run(_ arguments: [String], input: String = "") async throws -> (succeeded: Bool, text: String) {
        let result = try await Subprocess.run(
            .name(arguments[0]), arguments: Arguments(Array(arguments.dropFirst())), input: .string(input),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        return (result.terminationStatus.isSuccess, result.standardOutput + result.standardError)
    }

    static func withFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
        let folder = try GuestFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder)
    }

    /// - Parameter source: a name in `Programs`, or text for the standard input when it holds a line's end.
    static func compile(_ source: String, as language: Language, _ flags: [String], into result: String) async throws {
        let isText = source.contains("\n")
        let file = isText ? "-" : "\(root)/Tests/SDKTests/Programs/\(source)"
        let kind = isText && language == .c ? ["-x", "c"] : []
        let answer = try await run(
            language.compiler + kind + includes + flags + [file, "-o", result], input: isText ? source : "")
        // Not a requirement: some tests expect the compiler to refuse.
        guard answer.succeeded else { throw Refused(text: answer.text) }
    }

    struct Refused: Error {
        var text: String
    }

    /// Runs the body with the plugin `kinds` of this language, in the real guest host.
    static func with<Value>(_ language: Language, _ body: (SDKFixture) async throws -> Value) async throws -> Value {
        try await withFolder { folder in
            let library = folder.appending(path: "kinds.so").path
            try await compile("kinds.\(language)", as: language, ["-O1", "-g", "-fPIC", "-shared", "-fvisibility=hidden"], into: library)
            var logger = Logger(label: "sdk-tests")
            logger.logLevel = .error
            // The plugin answers what the tests read, not what its verbs should.
            var options = GuestOptions()
            options.checksDocuments = false
            let pool = GuestPool(
                executable: GuestFixture.guestExecutable, installation: "test-\(UInt32.random(in: 0 ... .max))", logger: logger,
                options: options)
            let result: Result<Value, any Error>
            do {
                let manifest = try await pool.inspect(library: library).manifest
                let pin = PluginPin(id: "kinds", version: "1.2.3", sha256: String(repeating: "0", count: 64))
                await pool.register(pin, manifest: manifest, library: library)
                let fixture = SDKFixture(folder: folder, pool: pool, pin: pin, operations: manifest.types[0].operations)
                result = .success(try await body(fixture))
            } catch { result = .failure(error) }
            await pool.shutdown()
            return try result.get()
        }
    }

    func call(_ what: String = "", services: FakeServices = FakeServices()) async throws(Problem) -> JSONValue {
        try await pool.call(
            PluginCall(
                plugin: pin, type: "probe", target: .verb(.bootstrap), context: GuestFixture.context(["do": .string(what)]),
                tenant: ID("t1"), timeout: .seconds(20)), services: services)
    }

    func operate(_ name: String, _ arguments: [String: JSONValue] = [:]) async throws(Problem) -> JSONValue {
        guard let operation = operations.first(where: { $0.id == name }) else { throw Problem(.notFound, "no operation \(name)") }
        return try await pool.call(
            PluginCall(
                plugin: pin, type: "probe", target: .operation(operation, arguments: arguments), context: GuestFixture.context([:]),
                tenant: ID("t1"), timeout: .seconds(20)), services: FakeServices())
    }
}
