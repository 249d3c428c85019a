// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One subject to be measured. A new one is a file of its own and a line in `all`.
struct Benchmark: Sendable {
    /// What the figures' names begin with; `Benchmarks store` runs those whose subject contains `store`.
    let subject: String
    /// What must be there (root, an engine) beyond a build, or nil.
    var isSkipped: @Sendable () -> String? = { nil }
    let run: @Sendable (Report) async throws -> Void

    static let all: [Benchmark] = [.store, .server, .guest, .swarm]
}

/// Where figures go: one line each, `name value unit`, on standard output as soon as it is known.
struct Report: Sendable {
    /// Empty, on a disk, removed afterwards.
    let folder: String

    func figure(_ name: String, _ value: Double, _ unit: String) {
        let digits = value >= 100 ? 0 : value >= 10 ? 1 : 3
        let text =
            "\(name) \(value.formatted(.number.grouping(.never).precision(.fractionLength(digits)).locale(Locale(identifier: "C")))) \(unit)\n"
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    /// For people, on standard error.
    func remark(_ text: String) { FileHandle.standardError.write(Data("# \(text)\n".utf8)) }
}
