// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioClient
import ImpresarioModel
import Synchronization

/// What a tenant does all day: the same requests again and again, none of them repeated when it fails.
final class LoadLoop: Sendable {
    struct Tally: Sendable {
        var answered: [String: Int] = [:]
        var failed: [String] = []
    }

    private let state: Mutex<Tally>

    private init(_ names: [String]) {
        state = Mutex(Tally(answered: Dictionary(uniqueKeysWithValues: names.map { ($0, 0) })))
    }

    var tally: Tally { state.withLock { $0 } }

    /// Runs `body` beside the loops, which end with it.
    static func with(
        _ requests: [(name: String, send: @Sendable () async throws -> Void)], _ body: (LoadLoop) async throws -> Void
    ) async throws -> Tally {
        let loop = LoadLoop(requests.map(\.name))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for request in requests { group.addTask { await loop.run(request.name, request.send) } }
            defer { group.cancelAll() }
            try await body(loop)
        }
        return loop.tally
    }

    /// Returns when every kind of request was answered once more than now.
    func turn(within limit: Duration = .seconds(120)) async throws {
        let before = tally.answered
        try await until("every request is answered once more", within: limit) {
            let now = tally
            return !now.failed.isEmpty || before.allSatisfy { now.answered[$0.key, default: 0] > $0.value + 1 }
        }
    }

    private func run(_ name: String, _ send: @Sendable () async throws -> Void) async {
        while !Task.isCancelled {
            do {
                try await send()
                state.withLock { $0.answered[name, default: 0] += 1 }
            } catch {
                // What the end of the loop broke off is no failure.
                if Task.isCancelled { return }
                state.withLock { $0.failed.append("\(name): \(error)") }
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }
}
