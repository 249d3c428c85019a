// SPDX-License-Identifier: Apache-2.0

import Foundation
import GuestTesting
import ImpresarioModel
import ImpresarioPluginTools
import Logging
import Subprocess

/// A plugin of the folder `Plugins`, built for one test.
enum PlantedFixture {
    private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Plugins")
    static let logger = Logger(label: "plugin-tools-tests") { _ in SwiftLogNoOpLogHandler() }

    /// Runs the body with the library. Its folder is gone at the end.
    static func with<Value>(_ name: String, _ body: (_ library: String) async throws -> Value) async throws -> Value {
        let folder = try GuestFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let library = folder.appending(path: "\(name).so").path
        let result = try await Subprocess.run(
            .name("cc"),
            arguments: [
                "-shared", "-fPIC", "-fvisibility=hidden", "-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-O1", "-I",
                GuestFixture.packageRoot.appending(path: "Sources/CImpresario/include").path, sources.appending(path: "\(name).c").path,
                "-o", library,
            ], output: .discarded, error: .string(limit: 1 << 16))
        guard result.terminationStatus.isSuccess else { throw CompilerFailure(text: result.standardError) }
        return try await body(library)
    }

    /// Verifies it on simulated nodes.
    static func verify(
        _ name: String, groups: [CheckGroup]? = nil, points: Int? = nil, seed: UInt64 = 1
    ) async throws -> VerificationReport {
        try await with(name) { library in
            let ground = try await Ground.open(.simulated, cache: "/nonexistent", logger: logger)
            var options = Verification.Options()
            options.groups = groups.map { Set($0.map(\.rawValue)) }
            options.points = points
            options.seed = seed
            let report = try await Verification(
                library: library, guest: GuestFixture.guestExecutable, ground: ground, options: options
            ).run()
            try await ground.close()
            return report
        }
    }
}

struct CompilerFailure: Error { var text: String }
