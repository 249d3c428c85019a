// SPDX-License-Identifier: Apache-2.0

import Foundation
import GuestTesting
import Testing

/// The header as authors include it: alone, in both languages, with every warning an error.
@Suite struct HeaderTests {
    private static func compile(_ compiler: String, _ arguments: [String], _ source: String, in folder: URL) throws -> (Int32, String) {
        let language = compiler.hasSuffix("++") ? "cpp" : "c"
        let file = folder.appending(path: "user.\(language)")
        try Data(source.utf8).write(to: file)
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [compiler, "-fsyntax-only"] + arguments + ["-I", "Sources/CImpresario/include", file.path]
        process.currentDirectoryURL = GuestFixture.packageRoot
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    private static func has(_ compiler: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(compiler)") }
    }

    private static let strict = ["-pedantic", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-Wundef"]

    @Test(arguments: [("cc", "c11"), ("cc", "c17"), ("clang", "c11"), ("g++", "c++17"), ("g++", "c++20"), ("clang++", "c++17")])
    func compilesAloneAndTwice(compiler: String, standard: String) throws {
        guard Self.has(compiler) else { return }
        let folder = try GuestFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = """
            #include <impresario/plugin.h>
            #include <impresario/plugin.h>
            int has(const imp_host *host);
            int has(const imp_host *host) { return IMP_HAS(host, revocation_list); }
            """
        let (status, text) = try Self.compile(compiler, ["-std=\(standard)"] + Self.strict, source, in: folder)
        #expect(status == 0, "\(text)")
    }
}
