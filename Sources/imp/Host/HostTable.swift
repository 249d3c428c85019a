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
            rows: hosts.map { [$0.name, $0.zone, $0.driver, $0.state.rawValue, $0.capacity.brief, $0.allocatable.brief] })
    }
}
