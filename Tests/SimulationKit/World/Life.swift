// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioStore

/// Where a broker is to die: before or after the call of this number that leaves it.
public struct Death: Sendable, Hashable, CustomStringConvertible {
    public enum Side: String, Sendable, CaseIterable { case before, after }

    public var crossing: Int
    public var side: Side

    public init(crossing: Int, side: Side) {
        self.crossing = crossing
        self.side = side
    }

    public var description: String { "\(side.rawValue) call \(crossing)" }
}

/// One broker from its start to its death. All that it does to the world passes here: commits, calls of drivers, calls of plugins. Once it is dead
/// nothing passes any more, whatever its tasks still try.
///
/// Unchecked: confined to the thread of the executor.
final class Life: @unchecked Sendable {
    private(set) var isAlive = true
    private let world: World

    init(of world: World) { self.world = world }

    func end() {
        guard isAlive else { return }
        isAlive = false
        world.buried(self)
    }

    /// - Parameter dead: what a dead broker is told.
    func cross<Answer: Sendable, Failure: Error>(
        _ name: @autoclosure () -> String, dead: Failure, _ work: () async throws(Failure) -> Answer
    ) async throws(Failure) -> Answer {
        guard isAlive else { throw dead }
        world.crossings += 1
        let number = world.crossings
        if world.death?.crossing == number {
            world.lethalCall = name()
            if world.death?.side == .before { end() }
        }
        guard isAlive else { throw dead }
        let outcome: Result<Answer, Failure>
        do throws(Failure) { outcome = .success(try await work()) } catch { outcome = .failure(error) }
        if world.death?.crossing == number { end() }
        guard isAlive else { throw dead }
        return try outcome.get()
    }
}

extension Problem {
    static let dead = Problem(.shuttingDown, "The broker is dead.")
}
