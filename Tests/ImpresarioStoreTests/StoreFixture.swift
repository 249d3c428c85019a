// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Logging
import Testing

@testable import ImpresarioStore

/// Every implementation that the contract is run against.
enum Implementation: CaseIterable, Sendable, CustomTestStringConvertible {
    case memory, sqlite

    var testDescription: String { "\(self)" }

    /// Runs the body with an empty store, then closes it and takes its files away.
    func withStore(history: ChangeFeed.Limits = .init(), _ body: (any Store) async throws -> Void) async throws {
        switch self {
        case .memory:
            let store = MemoryStore(history: history)
            try await body(store)
            await store.close()
        case .sqlite:
            try await withFolder { folder in
                let store = try SQLiteStore(path: folder + "/s.sqlite", logger: quiet, options: .init(history: history))
                do { try await body(store) } catch {
                    await store.close()
                    throw error
                }
                await store.close()
            }
        }
    }
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A folder of the test's own, gone afterwards.
func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.path + "/imp-store-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

extension Transaction {
    static func put(_ key: String, _ value: String, if preconditions: Precondition...) -> Transaction {
        Transaction(preconditions: preconditions, writes: [.put(key, Data(value.utf8))])
    }
}

extension StoredRecord {
    var text: String { String(decoding: value, as: UTF8.self) }
}

/// Collects commits from a watch until there are `count`.
func collect(_ count: Int, from stream: AsyncThrowingStream<[Change], any Error>) async throws -> [[Change]] {
    var found: [[Change]] = []
    guard count > 0 else { return found }
    for try await changes in stream {
        found.append(changes)
        if found.count == count { break }
    }
    return found
}

extension Store {
    func outcome(of transaction: Transaction) async -> Result<Revision, StoreError> {
        do throws(StoreError) { return .success(try await commit(transaction)) } catch { return .failure(error) }
    }
}

extension Result where Failure == StoreError {
    var error: StoreError? { if case .failure(let error) = self { error } else { nil } }
}

/// A generator that repeats by seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
