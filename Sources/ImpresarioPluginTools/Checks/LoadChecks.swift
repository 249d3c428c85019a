// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import ImpresarioPlugins

/// The library by itself: what its file shows, how it starts, what it says of itself.
struct LoadChecks {
    let path: String
    let guest: String

    private static let entryLimit = 50_000

    static func inspect(_ path: String, _ guest: String, _ options: GuestOptions = Library.options) async -> Result<Inspection, Problem> {
        await inspectWithLines(path, guest, options).0
    }

    private static func inspectWithLines(
        _ path: String, _ guest: String, _ options: GuestOptions
    ) async -> (Result<Inspection, Problem>, [String]) {
        let lines = LineLog()
        let pool = Guests.pool(guest, options, lines)
        let result = await outcome { () throws(Problem) in try await pool.inspect(library: path) }
        await pool.shutdown()
        return (result, lines.all)
    }

    func run(_ list: CheckList, _ inspection: Result<Inspection, Problem>) async throws {
        try await list.check(.load, "exported symbols") { try exports() }
        try await list.check(.load, "descriptor") { try Self.descriptor(inspection) }
        guard case .success(let found) = inspection else { return }
        try await list.check(.load, "schemas") { try Self.schemas(found.manifest) }
        try await list.check(.load, "entry under 50 ms") { try await timing() }
        try await list.check(.load, "an older host") { try await olderHost(found.manifest) }
    }

    private func exports() throws -> Verdict {
        let file = try LibraryFile(path: path)
        guard file.exports.contains("imp_plugin_v0") else {
            throw Finding.failed(
                "The library does not export imp_plugin_v0.",
                remedy: "Mark the entry with IMP_EXPORT, and give it C linkage (extern \"C\", #[no_mangle], @_cdecl).")
        }
        let others = file.exports.filter { $0 != "imp_plugin_v0" }
        guard others.isEmpty else {
            throw Finding.failed(
                "The library exports \(others.count) more symbols than its entry, such as \(others.prefix(3).joined(separator: ", ")).",
                remedy: "Compile with -fvisibility=hidden and link with a version script: { global: imp_plugin_v0; local: *; };")
        }
        if file.hasExecutableStack {
            return .warning("The library asks for an executable stack.", remedy: "Link with -z noexecstack.")
        }
        return .passed("only imp_plugin_v0")
    }

    private static func descriptor(_ inspection: Result<Inspection, Problem>) throws -> Verdict {
        let manifest: PluginManifest
        switch inspection {
        case .success(let found): manifest = found.manifest
        case .failure(let problem):
            throw Finding.failed(
                "The library could not be loaded: \(problem.told)",
                remedy: problem.remedy ?? "Correct what the message names; the header says what each member holds.")
        }
        let version = /[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?/
        guard manifest.version.wholeMatch(of: version) != nil else {
            throw Finding.failed(
                "imp_plugin.version is '\(manifest.version)', which is not a semantic version.", remedy: "Write it like 1.4.0.")
        }
        guard manifest.license.wholeMatch(of: /[A-Za-z0-9.+() -]+/) != nil else {
            throw Finding.failed(
                "imp_plugin.license is '\(manifest.license)', which is not an SPDX expression.", remedy: "Write it like Apache-2.0.")
        }
        for type in manifest.types {
            let texts = [type.name, type.summary] + type.operations.map(\.summary)
            if let text = texts.first(where: { $0.contains("\n") || $0.hasPrefix(" ") }) {
                return .warning("'\(text.prefix(60))' of type '\(type.id)' is not one line.", remedy: "Names and summaries are one line.")
            }
            let lone = [(PluginVerb.credentials, PluginVerb.revoke), (.revoke, .credentials)].first {
                type.verbs.contains($0.0.rawValue) && !type.verbs.contains($0.1.rawValue)
            }
            if let lone {
                throw Finding.failed(
                    "Type '\(type.id)' has \(lone.0.rawValue) and no \(lone.1.rawValue).",
                    remedy: "What can be given out must be taken back: implement both.")
            }
        }
        let types = manifest.types.map(\.id).joined(separator: ", ")
        return .passed("\(manifest.id) \(manifest.version), \(manifest.types.count == 1 ? "type" : "types") \(types)")
    }

    private static func schemas(_ manifest: PluginManifest) throws -> Verdict {
        func compile(_ schema: JSONValue?, _ place: String) throws {
            guard let schema else { return }
            do throws(Problem) { _ = try JSONSchema(schema) } catch {
                throw Finding.failed(
                    "\(place) is not a schema that the broker takes: \(error.told)",
                    remedy: "docs/decisions/0003-json-schema.md lists what is understood.")
            }
        }
        var count = 0
        for type in manifest.types {
            try compile(type.createSchema, "create_schema of type '\(type.id)'")
            try compile(type.bindingSchema, "binding_schema of type '\(type.id)'")
            for operation in type.operations {
                for parameter in operation.parameters {
                    let place = "schema_json of parameter '\(parameter.name)' of operation '\(operation.id)'"
                    try compile(parameter.schema, place)
                    count += 1
                    guard let schema = parameter.schema, let value = parameter.defaultValue else { continue }
                    if let problem = try JSONSchema(schema).validate(value).first {
                        throw Finding.failed("default_json does not satisfy \(place): \(problem.told)", remedy: "Correct one of the two.")
                    }
                }
            }
        }
        return .passed("\(manifest.types.count) of types, \(count) of parameters of operations")
    }

    /// The best of several: another process may have had the processor.
    private func timing() async throws -> Verdict {
        struct Timing: Decodable {
            var host: String
            var entryMicroseconds: Int
            var initMicroseconds: Int
        }
        var options = Library.options
        options.test.tellsTiming = true
        var best: Timing?
        for _ in 0..<5 {
            let (result, lines) = await Self.inspectWithLines(path, guest, options)
            _ = try result.get()
            for line in lines {
                guard let timing: Timing = try? CanonicalJSON.decode(from: Data(line.utf8)), timing.host == "timing" else { continue }
                if timing.entryMicroseconds < best?.entryMicroseconds ?? .max { best = timing }
            }
            if let best, best.entryMicroseconds < Self.entryLimit / 10 { break }
        }
        guard let best else { return .skipped("the guest host told no times") }
        func words(_ microseconds: Int) -> String { "\(microseconds / 1000).\(microseconds % 1000 / 100) ms" }
        guard best.entryMicroseconds < Self.entryLimit else {
            throw Finding.failed(
                "imp_plugin_v0 took \(words(best.entryMicroseconds)); the limit is 50 ms.",
                remedy: "Return a descriptor that is built at compile time; do everything else in the verbs.")
        }
        guard best.initMicroseconds < 4 * Self.entryLimit else {
            return .warning(
                "init took \(words(best.initMicroseconds)).", remedy: "Keep the host table and return; work belongs into the verbs.")
        }
        return .passed("\(words(best.entryMicroseconds)), init \(words(best.initMicroseconds))")
    }

    private func olderHost(_ manifest: PluginManifest) async throws -> Verdict {
        var options = Library.options
        options.test.minor = 0
        switch await Self.inspect(path, guest, options) {
        case .success(let found) where found.manifest == manifest: return .passed("minor 0, no extensions")
        case .success:
            throw Finding.failed(
                "To a host of minor 0 the plugin describes itself differently.", remedy: "Return the same descriptor to every host.")
        case .failure(let problem) where problem.facts?["reason"]?.string == "version":
            return .passed("refuses: \(problem.message)")
        case .failure(let problem):
            throw Finding.failed(
                "With a host of minor 0 and without extensions the plugin cannot be loaded: \(problem.told)",
                remedy:
                    "Use a member of imp_host only when IMP_HAS() says it is there, and an extension only when it is not NULL; or set min_host_minor."
            )
        }
    }
}
