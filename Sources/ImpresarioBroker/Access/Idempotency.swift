// SPDX-License-Identifier: Apache-2.0

import Crypto
public import FoundationEssentials
import ImpresarioModel
import ImpresarioStore

/// A client's promise that requests with this key are one request.
public struct IdempotencyKey: Sendable, Hashable {
    let digest: String
    let fingerprint: String

    /// - Parameters:
    ///   - key: as sent by the client.
    ///   - request: what must be equal for the requests to be one: method, path and body.
    public init(key: String, request: Data) {
        digest = SHA256.hash(data: Data(key.utf8)).hexadecimal
        fingerprint = SHA256.hash(data: request).hexadecimal
    }
}

/// What the first request with a key was answered; written in the commit that did the work.
struct RememberedAnswer: Codable {
    var fingerprint: String
    var body: JSONValue
    var at: Timestamp
}

extension Broker {
    /// Answers a repeated request from memory, or does the work and remembers the answer in the same commit.
    func once<Answer: Codable & Sendable>(
        _ key: IdempotencyKey?, for caller: Caller,
        _ work: (_ remember: @Sendable (Answer, inout Draft) throws(Problem) -> Void) async throws(Problem) -> Answer
    ) async throws(Problem) -> Answer {
        guard let key else { return try await work { _, _ throws(Problem) in } }
        let recordKey = Keys.idempotency(caller.token, key.digest)
        if let answer: Answer = try await remembered(key, at: recordKey) { return answer }
        let now = clock()
        do throws(Problem) {
            return try await work { answer, draft throws(Problem) in
                let memory = RememberedAnswer(fingerprint: key.fingerprint, body: try JSONValue(encoding: answer), at: now)
                try draft.insert(memory, at: recordKey)
            }
        } catch {
            // Two at once: the other one has answered.
            if error.is(.conflict), let answer: Answer = try await remembered(key, at: recordKey) { return answer }
            throw error
        }
    }

    private func remembered<Answer: Decodable>(_ key: IdempotencyKey, at recordKey: String) async throws(Problem) -> Answer? {
        let memory: RememberedAnswer
        do {
            guard let record = try await ledger.store.get(recordKey) else { return nil }
            memory = try CanonicalJSON.decode(from: record.value)
        } catch { throw Problem(wrapping: error) }
        guard memory.fingerprint == key.fingerprint else {
            throw Problem(
                .idempotencyMismatch, "This Idempotency-Key was used for another request.", field: "Idempotency-Key",
                remedy: "Use a new key for a new request.")
        }
        return try memory.body.decoded(code: .internal)
    }
}
