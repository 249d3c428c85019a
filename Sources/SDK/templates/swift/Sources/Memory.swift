// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ImpresarioPluginKit

/// What the nodes answer.
enum Greeting {
    private static let key = "greeting"

    /// What set-greeting said last, or else what the cluster was made with.
    static func get(_ call: borrowing Call) throws -> String {
        guard let kept = try call.state(key) else { return call.context.cluster.params["greeting"]?.string ?? "hello" }
        return String(decoding: kept.value, as: UTF8.self)
    }

    /// Compare and swap: whoever came between is not overwritten unseen.
    static func set(_ call: borrowing Call, _ text: String) throws {
        while true {
            let version = try call.state(key)?.version ?? 0
            do {
                try call.putState(key, Data(text.utf8), expecting: version)
                return
            } catch {
                guard error.status == .conflict else { throw error }
                try call.checkCancellation()
            }
        }
    }
}

/// Who may ask: a token for each binding, kept as a secret.
struct Tokens {
    private static let key = "tokens"

    var byBinding: [String: String] = [:]

    /// Lines "binding token": the file that the daemon reads, and the secret.
    var text: String { byBinding.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined() }

    init(_ text: String = "") {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2 { byBinding[String(words[0])] = String(words[1]) }
        }
    }

    mutating func add(_ binding: String) {
        guard byBinding[binding] == nil else { return }
        // The system's generator is one for secrets.
        byBinding[binding] = (0..<2).map { _ in
            let half = String(UInt64.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 16 - half.count) + half
        }.joined()
    }

    /// And the version for a compare-and-swap.
    static func get(_ call: borrowing Call) throws -> (tokens: Tokens, version: UInt64) {
        guard let kept = try call.secret(key) else { return (Tokens(), 0) }
        return (Tokens(String(decoding: kept.value, as: UTF8.self)), kept.version)
    }

    /// Reads, changes and writes; whoever came between is not overwritten unseen.
    static func change(_ call: borrowing Call, _ change: (inout Tokens) -> Void) throws -> Tokens {
        while true {
            let (before, version) = try get(call)
            var tokens = before
            change(&tokens)
            if tokens.text == before.text { return tokens }
            do {
                try call.putSecret(key, Data(tokens.text.utf8), expecting: version)
                return tokens
            } catch {
                guard error.status == .conflict else { throw error }
                try call.checkCancellation()
            }
        }
    }
}
