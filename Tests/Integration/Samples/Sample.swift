// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A cluster type of `samples/plugins`, built by its own Makefile as somebody with nothing but the SDK builds it.
struct Sample {
    /// The library.
    let file: String
    let type: String

    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardizedFileURL.path
    /// What samples are built in: beside the programs, so that a second run builds only what has changed.
    static let workshop = Machine.products.appending(path: "samples").path

    /// - Parameters:
    ///   - name: a folder of `samples/plugins`; it is copied and built there, nothing is written into the source tree.
    ///   - type: what the library is named after.
    init(_ name: String, type: String) async throws {
        self.type = type
        let folder = try await Self.copy("samples/plugins/\(name)")
        let answer = try await Machine.shell("make -C \(folder) SDK=\(Self.root)/Sources")
        try #require(answer.succeeded, "\(answer.text)")
        file = "\(folder)/build/lib\(type).so"
        try #require(FileManager.default.fileExists(atPath: file), "the build makes \(file)")
    }

    /// A folder of the repository as it is now, beside what was built of it before.
    ///
    /// - Returns: the copy.
    static func copy(_ source: String) async throws -> String {
        let folder = "\(workshop)/\(source.split(separator: "/").joined(separator: "-"))"
        let copied = try await Machine.shell(
            """
            set -e
            mkdir -p \(folder)
            find \(folder) -mindepth 1 -maxdepth 1 ! -name build ! -name target -exec rm -rf {} +
            tar -C \(root)/\(source) --exclude=./build --exclude=./target -cf - . | tar -C \(folder) -xf -
            """)
        try #require(copied.succeeded, "\(copied.text)")
        return folder
    }

    /// What `imp plugin verify` says of it on real nodes; no broker takes part.
    func verify() async throws -> Machine.Answer {
        try await Machine.shell(
            "\(Machine.products.appending(path: "imp").path) plugin verify \(file) --nodes local", ["IMPRESARIO_CACHE": Prerequisites.cache]
        )
    }
}

extension Trait where Self == ConditionTrait {
    /// Skipped, with its name as the reason, where a tool is missing; a cargo that is too old for the SDK is none.
    static func needs(_ tools: String...) -> Self {
        let isRecent = "printf '1.77\\n%s\\n' \"$(cargo --version | cut -d' ' -f2)\" | sort -VC"
        let missing = tools.first { !Machine.succeeds("command -v \($0)") || ($0 == "cargo" && !Machine.succeeds(isRecent)) }
        return .enabled(if: missing == nil, "skipped: this machine has no \(missing == "cargo" ? "cargo of 1.77 or newer" : missing ?? "")")
    }
}
