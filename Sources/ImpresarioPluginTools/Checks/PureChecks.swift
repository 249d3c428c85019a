// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import ImpresarioPlugins

/// The pure verbs give the same for the same, and keep nothing.
extension TypeChecks {
    func checkDeterminism() async throws {
        try await list.check(.determinism, "plan") { try await determinism(of: .plan) }
        try await list.check(.determinism, "validate") { try await determinism(of: .validate) }
    }

    private func determinism(of verb: PluginVerb) async throws -> Verdict {
        var samples = try SchemaSamples(stage.type.createSchema, random: random("determinism"))
        var documents = samples.isValid(samples.defaults) ? [samples.defaults] : []
        for _ in 0..<5 { if let value = samples.next() { documents.append(value) } }
        var first: [CallRecord] = []
        try await stage.library.withGuests { guests in
            for document in documents {
                let one = note(await stage.pure(verb, document, in: guests))
                let two = note(await stage.pure(verb, document, in: guests))
                try expect(one, two, verb, document, "called twice in one process")
                first.append(one)
            }
            // Every other one lies between by now.
            for (document, one) in zip(documents, first) {
                try expect(one, note(await stage.pure(verb, document, in: guests)), verb, document, "after other calls in one process")
            }
        }
        for (document, one) in zip(documents, first) {
            try await stage.library.withGuests { guests in
                try expect(one, note(await stage.pure(verb, document, in: guests)), verb, document, "in a new process")
            }
        }
        return .passed("\(documents.count) documents: twice, after other calls, in a new process")
    }

    private func expect(_ one: CallRecord, _ two: CallRecord, _ verb: PluginVerb, _ document: JSONValue, _ how: String) throws {
        guard !Self.same(one, two) else { return }
        throw Finding.failed(
            "\(verb.rawValue) of \(document.excerpt) is not deterministic: \(how) it answered \(two.answerWords) instead of \(one.answerWords).",
            remedy:
                "Use nothing but the document: no time, no random numbers, no addresses, no order of hash tables, no variables that outlive the call."
        )
    }

    func checkGrowth() async throws {
        try await list.check(.memory, "growth over many calls") {
            // A name of its own, by which the process is found.
            let folder = "/var/tmp/impresario-memory-\(UUID().uuidString.prefix(8).lowercased())"
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let copy = "\(folder)/plugin.so"
            try FileManager.default.copyItem(atPath: stage.library.path, toPath: copy)
            let library = Library(
                path: copy, guest: stage.library.guest, pin: stage.library.pin, manifest: stage.library.manifest)
            return try await library.withGuests { guests in try await growth(guests, copy) }
        }
    }

    /// Two rounds after a first one that fills caches: what grows in both by a part of a document a call is kept for good.
    private func growth(_ guests: Guests, _ path: String) async throws -> Verdict {
        var samples = try SchemaSamples(stage.type.createSchema, random: random("growth"))
        let given = samples.isValid(samples.defaults) ? samples.defaults : samples.next() ?? samples.defaults
        let calls = 400
        func round() async throws {
            for number in 0..<calls {
                let run = note(await stage.pure(number % 2 == 0 ? .plan : .validate, given, in: guests))
                if run.hasCrashed, let problem = run.problem {
                    throw Finding.failed(
                        "\(run.what) failed after many calls: \(problem.told)", remedy: "Look for memory that is used after it was freed.")
                }
            }
        }
        try await round()
        guard let start = GuestMemory.bytes(ofGuestsOf: path) else { return .skipped("the process's memory cannot be read here") }
        try await round()
        let middle = GuestMemory.bytes(ofGuestsOf: path) ?? start
        try await round()
        let end = GuestMemory.bytes(ofGuestsOf: path) ?? middle
        let grown = min(middle - start, end - middle) / calls
        guard grown < 200 else {
            throw Finding.failed(
                "The process grows by about \(grown) bytes with each call of plan and validate.",
                remedy: "Free what a call allocates before it returns; results belong into the sink, which is the host's.")
        }
        return .passed("\(3 * calls) calls, \(end / 1024) KiB private at the end")
    }
}

/// What guests of a library occupy.
enum GuestMemory {
    /// Private memory of all processes that were started with this library; nil when there is none or it cannot be read.
    static func bytes(ofGuestsOf path: String) -> Int? {
        var sum: Int?
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard Int(name) != nil, let line = read("/proc/\(name)/cmdline"),
                line.split(separator: 0).dropFirst().first == Data(path.utf8)[...]
            else { continue }
            guard let table = read("/proc/\(name)/smaps_rollup") else { continue }
            for entry in String(decoding: table, as: UTF8.self).split(separator: "\n") where entry.hasPrefix("Private_Dirty:") {
                sum = (sum ?? 0) + (entry.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
            }
        }
        return sum
    }

    private static func read(_ path: String) -> Data? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        return try? file.readToEnd()
    }
}
