// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// Of a cluster record, what invariants are about.
struct ClusterRow {
    struct NodeRow {
        var id = ID<Node>("")
        var group = ""
        var host = ""
        var address = ""
        var state = ""
        var replaces: String?
        var resources = ResourceVector()
    }

    var id = ID<Cluster>("")
    var name = ""
    var tenant = ""
    var project = ""
    var type = ""
    var phase = ""
    var health = ""
    var operation: ID<ImpresarioModel.Operation>?
    var nodes: [NodeRow] = []
    var surge: [(group: String, count: Int)] = []

    init?(_ data: Data) {
        data.withUnsafeBytes { raw in
            var scanner = Scanner(raw)
            scanner.object { name, value in
                switch name {
                case "id": id = ID(value.string())
                case "name": self.name = value.string()
                case "tenantName": tenant = value.string()
                case "projectName": project = value.string()
                case "type": type = value.string()
                case "phase": phase = value.string()
                case "health": health = value.string()
                case "operation": operation = ID(value.string())
                case "nodes": value.array { nodes.append(NodeRow(&$0)) }
                case "groups":
                    value.array { group in
                        var (named, surge) = ("", 0)
                        group.object { name, value in
                            if "name" ~= name { named = value.string() }
                            if "surge" ~= name { surge = value.integer() }
                        }
                        if surge > 0 { self.surge.append((named, surge)) }
                    }
                default: break
                }
            }
        }
        if id.rawValue.isEmpty { return nil }
    }

    var isTransitional: Bool { ["provisioning", "updating", "deleting"].contains(phase) }

    /// What a node takes of its host.
    func occupied(by node: NodeRow) -> ResourceVector {
        if node.state == "lost", nodes.contains(where: { $0.replaces == node.id.rawValue && $0.host == node.host }) { return [:] }
        return charged(node)
    }

    func charged(_ node: NodeRow) -> ResourceVector {
        guard phase == "hibernated" || phase == "deleting" && node.state == "stopped" else { return node.resources }
        var kept = node.resources
        kept["cpu"] = 0
        kept["memory"] = 0
        return kept
    }

    /// What the cluster counts as, worked out anew from the words of the design and not from the broker's code.
    var charge: ResourceVector {
        if nodes.isEmpty { return [:] }
        var sum: ResourceVector = ["cluster": 1]
        sum["cluster.\(type)"] = 1
        func add(_ resources: ResourceVector, times: Int64 = 1) {
            for (key, amount) in resources.amounts { sum[key] += amount * times }
        }
        for node in nodes where node.replaces == nil {
            add(charged(node))
            sum["node"] += 1
        }
        for (group, count) in surge {
            guard let node = nodes.first(where: { $0.group == group }) else { continue }
            add(charged(node), times: Int64(count))
            sum["node"] += Int64(count)
        }
        return sum
    }
}

extension ClusterRow.NodeRow {
    init(_ scanner: inout Scanner) {
        scanner.object { name, value in
            switch name {
            case "id": id = ID(value.string())
            case "group": group = value.string()
            case "host": host = value.string()
            case "address": address = value.string()
            case "state": state = value.string()
            case "replaces": replaces = value.string()
            case "resources": resources = ResourceVector(scanning: &value)
            default: break
            }
        }
    }
}

extension ResourceVector {
    init(scanning scanner: inout Scanner) {
        self.init()
        scanner.object { name, value in
            let key = name.text
            self[key] = (try? Quantity.parse(value.string(), of: key, field: "")) ?? 0
        }
    }
}

/// Of tenants, projects and hosts. A limit of zero is one.
func amounts(_ data: Data, member: StaticString) -> [String: Int64] {
    var amounts: [String: Int64] = [:]
    data.withUnsafeBytes { raw in
        var scanner = Scanner(raw)
        scanner.object { name, value in
            guard member ~= name else { return }
            value.object { name, value in
                let key = name.text
                amounts[key] = try? Quantity.parse(value.string(), of: key, field: "")
            }
        }
    }
    return amounts
}

/// Of an operation record, what invariants are about.
struct OperationRow {
    struct StepRow {
        var name = ""
        var state = ""
        var attempts = 0
        var progress = 0
        var hasDeadline = false
    }

    var id = ""
    var kind = ""
    var cluster = ID<Cluster>("")
    var state = ""
    /// The one that runs, or would next.
    var step: StepRow?

    var isUnfinished: Bool { state == "running" || state == "queued" }

    init?(_ data: Data) {
        data.withUnsafeBytes { raw in
            var scanner = Scanner(raw)
            scanner.object { name, value in
                switch name {
                case "id": id = value.string()
                case "kind": kind = value.string()
                case "cluster": cluster = ID(value.string())
                case "state": state = value.string()
                case "steps":
                    value.array { one in
                        let row = StepRow(&one)
                        if step == nil, row.state == "running" || row.state == "pending" { step = row }
                    }
                default: break
                }
            }
        }
        if id.isEmpty { return nil }
    }
}

extension OperationRow.StepRow {
    init(_ scanner: inout Scanner) {
        scanner.object { name, value in
            switch name {
            case "name": self.name = value.string()
            case "state": state = value.string()
            case "attempts": attempts = value.integer()
            case "progress": progress = value.integer()
            case "deadline":
                hasDeadline = true
            default: break
            }
        }
    }
}
