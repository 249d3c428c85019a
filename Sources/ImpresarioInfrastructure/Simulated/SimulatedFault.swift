// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

/// The calls of a driver, for planning faults and reading the journal.
public enum SimulatedCall: String, Sendable, CaseIterable {
    case capacity, create, destroy, start, stop, execute, enforce, put, get, declare, expose, list, removeUnused
}

/// What a call meets.
public enum SimulatedFault: Sendable {
    /// Nothing is done, and the call fails.
    case fail(Problem)
    /// All is done, and the call fails nevertheless: the answer got lost.
    case failAfter(Problem)
    /// It is done later. Cancelling the task ends the waiting, undone.
    case delay(Duration)
}

/// A call as it arrived.
public struct SimulatedInvocation: Hashable, Sendable {
    public var call: SimulatedCall
    public var node: ID<Node>?

    public init(_ call: SimulatedCall, _ node: ID<Node>? = nil) {
        self.call = call
        self.node = node
    }
}
