// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// What observations mean: a pure function from what was seen to a report.
struct Diagnosis {
    var nodes: [Node]
    /// By node id; nodes that were not looked at are missing.
    var observations: [String: Observation]

    func report() -> HealthReport {
        let members = self.members
        let reports = nodes.map { report(on: $0, members) }
        var conditions = quorumConditions(members) + endpointConditions + kernelConditions
        if let members { conditions += strangers(among: members) }
        let works = members != nil && hasRoomForWork(members ?? [])
        if members != nil && !works {
            conditions.append(
                .init(type: "NoWorkingNode", severity: .error, message: "No node that may run work is ready, so services do not start."))
        }
        let isWhole =
            reports.allSatisfy { $0.state == .ready } && !conditions.contains { $0.type == "EndpointDown" || $0.type == "QuorumAtRisk" }
        return HealthReport(
            health: !works || endpointsUp == 0 ? .unhealthy : isWhole ? .healthy : .degraded, conditions: conditions, nodes: reports,
            version: answers.map(\.info.version).first { !$0.isEmpty })
    }

    private var answers: [Observation.Answer] {
        nodes.compactMap { if case .answering(let answer) = observations[$0.id] { answer } else { nil } }
    }

    /// The list of the leader where there is one: it knows first.
    private var members: [Member]? {
        let lists = answers.filter { $0.members != nil }
        let leaders = lists.filter { answer in
            answer.members?.contains { $0.id == answer.info.swarm.nodeID && $0.manager?.isLeader == true } ?? false
        }
        return (leaders.first ?? lists.first)?.members
    }

    private var endpointsUp: Int { answers.count { $0.endpointListens == true } }

    /// A new leader knows nothing of the workers for a moment, while their work goes on.
    private func hasRoomForWork(_ members: [Member]) -> Bool {
        members.contains { ($0.state == .ready || $0.state == .unknown) && $0.availability == .active }
    }
}

extension Diagnosis {
    private func member(of node: Node, _ members: [Member]) -> Member? {
        if case .answering(let answer) = observations[node.id], !answer.info.swarm.nodeID.isEmpty {
            return members.first { $0.id == answer.info.swarm.nodeID }
        }
        return members.first { $0.hostname == node.name }
    }

    private func report(on node: Node, _ members: [Member]?) -> HealthReport.NodeReport {
        switch observations[node.id] {
        case nil where node.state == "planned": return .init(id: node.id, state: .starting, reason: "It is not made yet.")
        case nil: return .init(id: node.id, state: .down, removable: isRemovable(node, members), reason: "It is \(node.state).")
        case .unreachable(let why): return .init(id: node.id, state: .down, removable: isRemovable(node, members), reason: why)
        case .silent: return .init(id: node.id, state: .down, removable: isRemovable(node, members), reason: "Its engine does not answer.")
        case .hesitating:
            return .init(id: node.id, state: .unknown, removable: isRemovable(node, members), reason: "Its engine finds no leader.")
        case .answering(let answer):
            guard let members else { return .init(id: node.id, state: .unknown, removable: false, reason: "No manager has a quorum.") }
            guard let member = member(of: node, members) else {
                return .init(
                    id: node.id, state: .starting, removable: true, reason: "It is no member yet (\(answer.info.swarm.state.rawValue)).")
            }
            let (state, reason) = Self.state(of: member)
            return .init(
                id: node.id, state: state, removable: isRemovable(node, members), removalCost: cost(of: node, member), reason: reason)
        }
    }

    /// A manager that is drained is so by plan; a worker is on its way out.
    private static func state(of member: Member) -> (HealthReport.NodeReport.State, String?) {
        switch member.state {
        case .ready where member.role == .manager && member.manager?.isReachable == false: (.down, "The other managers do not reach it.")
        case .ready where member.role == .worker && member.availability == .drain: (.draining, "It is drained.")
        case .ready: (.ready, nil)
        case .down: (.down, member.message.flatMap { $0.isEmpty ? nil : $0 } ?? "The managers do not hear from it.")
        case .unknown, .disconnected: (.unknown, "The managers do not hear from it.")
        }
    }

    /// Whether the swarm goes on without it: after a manager is gone the rest must still be a majority of itself.
    private func isRemovable(_ node: Node, _ members: [Member]?) -> Bool {
        guard let members else { return false }
        guard node.role == Role.manager.rawValue else { return true }
        let managers = members.filter { $0.role == .manager }
        let rest = managers.filter { $0.id != member(of: node, members)?.id }
        return !rest.isEmpty && rest.count { $0.manager?.isReachable == true } > rest.count / 2
    }

    private func cost(of node: Node, _ member: Member) -> Int {
        let tasks = answers.map { answer in answer.busy.count { $0 == member.hostname || $0 == member.id } }.max() ?? 0
        return tasks + (member.role == .manager ? 100 : 0) + (member.manager?.isLeader == true ? 100 : 0)
    }
}

extension Diagnosis {
    private func quorumConditions(_ members: [Member]?) -> [HealthReport.Condition] {
        guard let members else {
            let complaint = answers.compactMap(\.complaint).first.map { " (\($0.prefix(200)))" } ?? ""
            return [
                .init(
                    type: "QuorumLost", severity: .error,
                    message: """
                        No manager answers with a quorum\(complaint). Running tasks go on, but nothing can be changed. Bring managers back; if too many are \
                        gone for good, `force-new-cluster` recovers the cluster from a surviving one.
                        """)
            ]
        }
        let managers = members.filter { $0.role == .manager }
        let reachable = managers.count { $0.manager?.isReachable == true }
        guard managers.count > 1, reachable < managers.count else { return [] }
        let spare = reachable - managers.count / 2 - 1
        return [
            .init(
                type: "QuorumAtRisk", severity: .warning,
                message:
                    "\(reachable) of \(managers.count) managers are reachable; \(spare == 0 ? "no further one" : "only \(spare) more") may fail."
            )
        ]
    }

    private var endpointConditions: [HealthReport.Condition] {
        nodes.compactMap { node in
            guard case .answering(let answer) = observations[node.id], answer.endpointListens == false else { return nil }
            return .init(type: "EndpointDown", severity: .warning, message: "The TLS endpoint on \(node.name) does not accept connections.")
        }
    }

    private var kernelConditions: [HealthReport.Condition] {
        guard answers.contains(where: { !$0.hasIPVS }) else { return [] }
        return [
            .init(
                type: "IngressUnavailable", severity: .warning,
                message: """
                    The kernel of the hosts has no ip_vs, so ports published in ingress mode and virtual addresses of services do not work. \
                    Use `--publish mode=host`, `--endpoint-mode dnsrr` and overlay networks, which work; or an admin loads ip_vs on the hosts.
                    """)
        ]
    }

    private func strangers(among members: [Member]) -> [HealthReport.Condition] {
        let own = Set(nodes.compactMap { member(of: $0, members)?.id })
        let strangers = members.filter { !own.contains($0.id) }
        guard !strangers.isEmpty else { return [] }
        let names = strangers.map { "\($0.hostname) (\($0.state.rawValue))" }.sorted().joined(separator: ", ")
        return [
            .init(
                type: "ForeignMember", severity: .warning,
                message:
                    "Members that are not nodes of this cluster: \(names). Remove them with `docker node rm --force`, or they count in the quorum."
            )
        ]
    }
}
