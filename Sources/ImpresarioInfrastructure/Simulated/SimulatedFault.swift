// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

/// The calls of a driver, for planning faults and reading the journal.
public enum SimulatedCall: String, Sendable, CaseIterable {
    case capacity, create, destroy, start, stop, execute, enforce, put, get, declare, expose, list, removeUnused

    /// Those that make and unmake a node: never two at once for one node.
    var changesLife: Bool {
        switch self {
        case .create, .destroy, .start, .stop: true
        default: false
        }
    }
}

/// What a call meets.
public enum SimulatedFault: Sendable {
    /// Nothing is done, and the call fails.
    case fail(Problem)
    /// All is done, and the call fails nevertheless: the answer got lost.
    case failAfter(Problem)
    /// It is done later. Cancelling the task ends the waiting, undone.
    case delay(Duration)
    /// It never returns by itself.
    case hang
}

/// What calls meet by chance, and who hears of calls that no broker may make.
public struct SimulatedWeather: Sendable {
    /// What a call meets, one after the other.
    public var faults: @Sendable (SimulatedCall, ID<Node>?) -> [SimulatedFault]
    /// A breach of the driver's contract, in words.
    public var report: @Sendable (String) -> Void

    public init(
        faults: @escaping @Sendable (SimulatedCall, ID<Node>?) -> [SimulatedFault] = { _, _ in [] },
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.faults = faults
        self.report = report
    }
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
