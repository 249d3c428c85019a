// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// What the engine of one node says of itself (`docker info`).
struct EngineInfo: Codable, Hashable, Sendable {
    struct Swarm: Codable, Hashable, Sendable {
        enum State: String, Codable, Sendable { case inactive, pending, active, error, locked }

        enum CodingKeys: String, CodingKey {
            case nodeID = "NodeID"
            case state = "LocalNodeState"
            case hasControl = "ControlAvailable"
            case error = "Error"
        }

        var nodeID: String
        var state: State
        /// A manager whose raft member runs; whether there is a quorum is another question.
        var hasControl: Bool
        var error: String?
    }

    var version: String
    var swarm: Swarm

    /// Makes `docker info` print this as one line.
    static let format = #"{"version":{{json .ServerVersion}},"swarm":{{json .Swarm}}}"#
}

/// A node as the managers know it (`docker node inspect`).
struct Member: Codable, Hashable, Sendable {
    enum Availability: String, Codable, Sendable { case active, pause, drain }
    enum State: String, Codable, Sendable { case unknown, down, ready, disconnected }

    struct Manager: Codable, Hashable, Sendable {
        enum CodingKeys: String, CodingKey {
            case isLeader = "Leader"
            case reachability = "Reachability"
        }

        var isLeader: Bool?
        var reachability: String?

        var isReachable: Bool { reachability == "reachable" }
    }

    /// Drawn anew with every join.
    var id: String
    var hostname: String
    var role: Role
    var availability: Availability
    var state: State
    /// What the engine says about the state.
    var message: String?
    var manager: Manager?

    /// Makes `docker node inspect` print one line for each member.
    static let format = """
        {"id":{{json .ID}},"hostname":{{json .Description.Hostname}},"role":{{json .Spec.Role}},"availability":{{json .Spec.Availability}},\
        "state":{{json .Status.State}},"message":{{json .Status.Message}},"manager":{{json .ManagerStatus}}}
        """
}

/// What one look at a node found.
enum Observation: Hashable, Sendable {
    /// The host could not reach it.
    case unreachable(String)
    /// It runs, its engine does not answer.
    case silent(String)
    /// Its engine runs but does not tell about the swarm in time, as engines do that look for a leader.
    case hesitating(version: String)
    case answering(Answer)

    struct Answer: Hashable, Sendable {
        var info: EngineInfo
        /// Nil: this manager has no quorum, or the node is none.
        var members: [Member]?
        /// The members that run tasks, once for each task.
        var busy: [String] = []
        var hasIPVS: Bool
        /// Nil on workers.
        var endpointListens: Bool?
        /// Why ``members`` is nil on a manager.
        var complaint: String?
    }
}
