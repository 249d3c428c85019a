// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ImpresarioModel
import ImpresarioStore

/// What a plugin keeps for one cluster: state in the clear, secrets sealed; both compare-and-swap by version, which is the store's revision.
struct ClusterVault: Sendable {
    let cluster: ID<Cluster>
    let store: any Store
    let box: SecretBox
    let clock: @Sendable () -> Timestamp

    static let stateValueLimit = 256 << 10
    static let stateTotalLimit = 4 << 20
    static let secretLimit = 64 << 10

    private struct StateRecord: Codable {
        var value: Data
        var at: Timestamp?
    }
    private struct SecretRecord: Codable {
        var sealed: Data
        var at: Timestamp?
    }

    /// When a record of either kind was written; nil for those of brokers that did not tell.
    struct Writing: Codable { var at: Timestamp? }

    func state(_ key: String) async throws(Problem) -> (value: Data, version: UInt64)? {
        try Self.check(key)
        guard let record = try await read(Keys.state(cluster, key)) else { return nil }
        return (try decode(StateRecord.self, record).value, UInt64(record.revision))
    }

    func putState(_ key: String, _ value: Data, expecting: UInt64) async throws(Problem) -> UInt64 {
        try Self.check(key)
        guard value.count <= Self.stateValueLimit else {
            throw Problem(.pluginFailed, "The state value '\(key)' has \(value.count) bytes; the limit is \(Self.stateValueLimit).")
        }
        let others = try await total(of: Keys.state(cluster, ""), except: Keys.state(cluster, key))
        guard others + value.count * 4 / 3 <= Self.stateTotalLimit * 4 / 3 else {
            throw Problem(.pluginFailed, "The state of the cluster would exceed \(Self.stateTotalLimit) bytes.")
        }
        return try await write(Keys.state(cluster, key), value.isEmpty ? nil : StateRecord(value: value, at: clock()), expecting: expecting)
    }

    func secret(_ name: String) async throws(Problem) -> (value: Data, version: UInt64)? {
        try Self.check(name)
        return try await openSecret(name)
    }

    func putSecret(_ name: String, _ value: Data, expecting: UInt64) async throws(Problem) -> UInt64 {
        try Self.check(name)
        return try await sealSecret(name, value, expecting: expecting)
    }

    /// Without the check of the name: the core's own secrets begin with a point, which no plugin may write.
    func openSecret(_ name: String) async throws(Problem) -> (value: Data, version: UInt64)? {
        let key = Keys.secret(cluster, name)
        guard let record = try await read(key) else { return nil }
        return (try box.open(decode(SecretRecord.self, record).sealed, for: key), UInt64(record.revision))
    }

    func sealSecret(_ name: String, _ value: Data, expecting: UInt64) async throws(Problem) -> UInt64 {
        guard value.count <= Self.secretLimit else {
            throw Problem(.pluginFailed, "The secret '\(name)' has \(value.count) bytes; the limit is \(Self.secretLimit).")
        }
        let key = Keys.secret(cluster, name)
        let record = value.isEmpty ? nil : SecretRecord(sealed: try box.seal(value, for: key), at: clock())
        return try await write(key, record, expecting: expecting)
    }

    static func check(_ name: String) throws(Problem) {
        let isValid =
            (1...128).contains(name.utf8.count) && !name.hasPrefix(".")
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                    || [0x2d, 0x2e, 0x2f, 0x5f].contains(byte)
            }
        guard isValid else {
            throw Problem(
                .pluginFailed, "'\(name.prefix(80))' is not a key: 1 to 128 of letters, digits and -._/ without a leading point.")
        }
    }

    private func read(_ key: String) async throws(Problem) -> StoredRecord? {
        do { return try await store.get(key) } catch { throw Ledger.problem(error) }
    }

    private func total(of prefix: String, except key: String) async throws(Problem) -> Int {
        do {
            return try await store.list(prefix: prefix).records.filter { $0.key != key }.reduce(0) { $0 + $1.value.count }
        } catch { throw Ledger.problem(error) }
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ record: StoredRecord) throws(Problem) -> Value {
        do { return try CanonicalJSON.decode(from: record.value) } catch { throw Problem(wrapping: error) }
    }

    private func write(_ key: String, _ record: (some Encodable)?, expecting: UInt64) async throws(Problem) -> UInt64 {
        let precondition: Precondition = expecting == 0 ? .absent(key) : .unchanged(key, since: Revision(clamping: expecting))
        do {
            guard let record else {
                _ = try await store.commit(Transaction(preconditions: [precondition], writes: [.delete(key)]))
                return 0
            }
            let bytes = try CanonicalJSON.encode(record)
            return UInt64(try await store.commit(Transaction(preconditions: [precondition], writes: [.put(key, bytes)])))
        } catch let error as StoreError {
            if case .conflict = error {
                throw Problem(.conflict, "'\(key)' was written by someone else since version \(expecting).")
            }
            throw Ledger.problem(error)
        } catch { throw Problem(wrapping: error) }
    }
}
