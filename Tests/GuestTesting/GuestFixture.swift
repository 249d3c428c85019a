// SPDX-License-Identifier: Apache-2.0

public import Foundation
import Glibc
public import ImpresarioModel
public import ImpresarioPlugins
import Logging

/// A pool, a folder and libraries built for one test; all gone at its end.
public struct GuestFixture: Sendable {
    public let folder: URL
    public let pool: GuestPool
    public let pin: PluginPin
    public let installation: String
    /// The plugin's file.
    public let library: String

    public static let packageRoot = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The folder of the test bundle or of this program, where the build puts all products.
    public static var buildFolder: URL {
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
        var folder = URL(fileURLWithPath: bundle).deletingLastPathComponent()
        while folder.path.contains(".xctest") { folder.deleteLastPathComponent() }
        return folder
    }

    public static var guestExecutable: String { buildFolder.appending(path: "impresario-guest").path }

    /// Compiles a C file of `Tests/GuestTesting/Plugins` and copies the result into `folder`. What was compiled before, of the same text and with
    /// the same flags, is taken from the build folder.
    ///
    /// - Parameter including: folders with the other files that it includes.
    public static func build(
        _ name: String, from parent: String = "Tests/GuestTesting/Plugins", into folder: URL, flags: [String] = [], shared: Bool = true,
        including: [URL] = []
    ) async throws -> String {
        let source = packageRoot.appending(path: "\(parent)/\(name).c")
        let include = packageRoot.appending(path: "Sources/CImpresario/include")
        let result = folder.appending(path: "\(source.deletingPathExtension().lastPathComponent).so")
        let arguments =
            (shared ? ["-shared", "-fPIC", "-fvisibility=hidden"] : []) + [
                "-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-O1", "-pthread", "-I", include.path, source.path,
            ] + flags
        var key = try Data(contentsOf: source) + Data(contentsOf: include.appending(path: "impresario/plugin.h"))
        if let shared = try? Data(contentsOf: source.deletingLastPathComponent().appending(path: "hostile.h")) { key += shared }
        key.append(Data(arguments.joined(separator: " ").utf8))
        for folder in including {
            for file in try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
            where file.hasSuffix(".c") || file.hasSuffix(".h") {
                key += try Data(contentsOf: folder.appending(path: file))
            }
        }
        let cache = buildFolder.appending(path: "guest-test-libraries")
        let cached = cache.appending(path: "\(result.deletingPathExtension().lastPathComponent)-\(fingerprint(key))")
        if !FileManager.default.fileExists(atPath: cached.path) {
            try FileManager.default.createDirectory(at: cache, withIntermediateDirectories: true)
            let fresh = cache.appending(path: UUID().uuidString)
            try await compile(arguments + ["-o", fresh.path])
            // Another test may have been faster; both made the same.
            guard rename(fresh.path, cached.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        }
        // A program is run where it is: while it was copied, a process that is just being forked could hold it open for writing (ETXTBSY).
        guard shared else { return cached.path }
        try FileManager.default.copyItem(at: cached, to: result)
        return result.path
    }

    /// Names of the files in `Tests/GuestTesting/Plugins/hostile`, each a behaviour.
    public static var hostileNames: [String] {
        let files = try? FileManager.default.contentsOfDirectory(atPath: packageRoot.path + "/Tests/GuestTesting/Plugins/hostile")
        return (files ?? []).filter { $0.hasSuffix(".c") }.map { String($0.dropLast(2)) }.sorted()
    }

    /// Compiles one of them; the plugin and its type are named as the file is.
    public static func buildHostile(_ name: String, into folder: URL) async throws -> String {
        // Some never return.
        try await build("hostile/\(name)", into: folder, flags: ["-DNAME=\"\(name)\"", "-Wno-return-type"])
    }

    private static func compile(_ arguments: [String]) async throws {
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/cc")
        compiler.arguments = arguments
        let status = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int32, any Error>) in
            compiler.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try compiler.run() } catch { continuation.resume(throwing: error) }
        }
        guard status == 0 else { throw CocoaError(.executableLoad) }
    }

    /// FNV-1a, 64 bits.
    private static func fingerprint(_ data: Data) -> String {
        String(data.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, radix: 16)
    }

    /// Runs `body` with a pool in which `library` of `Tests/GuestTesting/Plugins` is registered.
    ///
    /// - Parameters:
    ///   - checksDocuments: off, because the test plugins answer verbs with whatever a test wants to see.
    ///   - prebuilt: a library that is there, instead of one to be compiled.
    public static func with<Result>(
        library: String = "probe", executable: String? = nil, options: GuestOptions = GuestOptions(), flags: [String] = [],
        checksDocuments: Bool = false, prebuilt: URL? = nil, _ body: (GuestFixture) async throws -> Result
    ) async throws -> Result {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file: String
        if let prebuilt {
            file = folder.appending(path: prebuilt.lastPathComponent).path
            try FileManager.default.copyItem(atPath: prebuilt.path, toPath: file)
        } else {
            file = try await build(library, into: folder, flags: flags)
        }
        var options = options
        options.checksDocuments = checksDocuments
        var logger = Logger(label: "guest-tests")
        logger.logLevel = .error
        let installation = "test-\(UInt32.random(in: 0 ... .max))"
        let pool = GuestPool(executable: executable ?? guestExecutable, installation: installation, logger: logger, options: options)
        let pin = PluginPin(id: library, version: "1.2.3", sha256: String(repeating: "0", count: 64))
        await pool.register(
            pin,
            manifest: PluginManifest(
                id: library, version: "1.2.3", vendor: "", license: "", url: nil, stateFormat: 0, packages: [], types: []), library: file)
        do {
            let result = try await body(GuestFixture(folder: folder, pool: pool, pin: pin, installation: installation, library: file))
            await pool.shutdown()
            return result
        } catch {
            await pool.shutdown()
            throw error
        }
    }

    /// A folder that other user ids can walk through.
    public static func temporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "impresario-guest-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// A call of a verb with `{"do": what}` and `params` as parameters.
    public func call(
        _ verb: PluginVerb = .bootstrap, do what: String = "", params: [String: JSONValue] = [:], timeout: Duration = .seconds(20),
        services: any HostServices = FakeServices(),
        tenant: String = "t1", attempt: Int = 1, args: JSONValue = [:]
    ) async throws(Problem) -> JSONValue {
        var context = Self.context(params.merging(["do": .string(what)]) { $1 }, attempt: attempt)
        context.args = args
        return try await pool.call(
            PluginCall(
                plugin: pin, type: "probe", target: .verb(verb), context: context, tenant: ID(tenant),
                timeout: timeout), services: services)
    }

    public func operate(
        _ operation: TypedOperation, _ arguments: [String: JSONValue], services: any HostServices = FakeServices()
    ) async throws(Problem) -> JSONValue {
        try await pool.call(
            PluginCall(
                plugin: pin, type: "probe", target: .operation(operation, arguments: arguments), context: Self.context([:]),
                tenant: ID("t1"),
                timeout: .seconds(20)), services: services)
    }

    public static func context(_ params: [String: JSONValue], attempt: Int = 1) -> PluginContext {
        PluginContext(
            operation: .init(id: "o1", kind: "create", attempt: attempt),
            cluster: .init(id: "c1", name: "web", params: .object(params), version: nil, labels: [:], network: "10.0.0.0/24"), nodes: [],
            endpoints: [])
    }
}
