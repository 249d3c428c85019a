// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension ResourceVector {
    /// For people: bytes to a tenth of the largest unit, so that a machine's odd sizes can be read. The exact figures are in `--output json`.
    fileprivate var brief: String {
        keys.map { key in
            let bytes = Double(self[key])
            let isBytes = key == Self.memory || key == Self.disk
            let unit = [("Ti", 40), ("Gi", 30), ("Mi", 20)].first { isBytes && bytes >= Double(1 << $0.1) }
            guard let unit else { return "\(key)=\(Quantity.format(self[key], of: key))" }
            let tenths = Int((bytes * 10 / Double(1 << unit.1)).rounded())
            return "\(key)=\(tenths / 10)\(tenths % 10 == 0 ? "" : ".\(tenths % 10)")\(unit.0)"
        }.joined(separator: " ")
    }
}

extension Table {
    init(_ hosts: [Host]) {
        self.init(
            columns: ["NAME", "ZONE", "DRIVER", "STATE", "CAPACITY", "ALLOCATABLE"],
            rows: hosts.map { [$0.name, $0.zone, $0.driver, $0.condition, $0.capacity.brief, $0.allocatable.brief] })
    }

    init(_ nodes: [HostDetail.Carried]) {
        self.init(
            columns: ["TENANT", "PROJECT", "CLUSTER", "NODE", "STATE", "TAKES"],
            rows: nodes.map { [$0.tenant, $0.project, $0.cluster, $0.name, $0.state.rawValue, $0.resources.brief] })
    }
}

extension Host {
    /// What its admin wants of it, and whether it answers.
    fileprivate var condition: String { unreachableSince == nil ? state.rawValue : "\(state.rawValue),down" }
}

extension HostDetail {
    var text: String {
        var fields: [(String, String?)] = [
            ("name", host.name), ("zone", host.zone), ("driver", host.driver), ("state", host.state.rawValue),
            ("down since", host.unreachableSince?.short), ("capacity", host.capacity.brief), ("allocatable", host.allocatable.brief),
            ("used", used.brief),
        ]
        if !host.labels.isEmpty {
            fields.append(("labels", host.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")))
        }
        for tombstone in tombstones {
            fields.append(("given up", "\(tombstone.node) since \(tombstone.createdAt.short), takes \(tombstone.resources.brief)"))
        }
        for blocked in blocked {
            fields.append(("cannot move", "\(blocked.tenant)/\(blocked.project)/\(blocked.cluster): \(blocked.problem.message)"))
        }
        return Fields(fields).render() + (nodes.isEmpty ? "" : "\n" + Table(nodes).render())
    }
}
