// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// The brokers a person works with: `config.yaml`.
struct ContextFile: Codable, Hashable, Sendable {
    struct Context: Codable, Hashable, Sendable {
        var server: String
        var token: String?
        var tenant: String?
        var project: String?
        /// Path of a PEM file.
        var ca: String?
    }

    var current: String?
    var contexts: [String: Context] = [:]

    /// - Throws: ``Problem`` `invalid-usage` that names what there is.
    func context(named name: String) throws(Problem) -> Context {
        if let context = contexts[name] { return context }
        let near = Nearest.find(name, among: Array(contexts.keys))
        throw Problem(
            .invalidUsage, "There is no context '\(name)'.",
            remedy: near.map { "Did you mean '\($0)'?" } ?? "See imp context list, or make it with imp context add \(name) --server URL.")
    }

    /// The first context is used from then on.
    mutating func add(_ context: Context, named name: String) {
        contexts[name] = context
        if current == nil { current = name }
    }

    mutating func remove(_ name: String) throws(Problem) {
        _ = try context(named: name)
        contexts[name] = nil
        if current == name { current = nil }
    }
}
