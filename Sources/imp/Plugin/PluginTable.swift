// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension Table {
    init(_ plugins: [Plugin]) {
        self.init(
            columns: ["PLUGIN", "VERSION", "STATE", "TYPES", "SANDBOX", "SHA256"],
            rows: plugins.map { plugin in
                let active = plugin.sandbox.filter(\.isActive).count
                return [
                    plugin.pin.id, plugin.pin.version, plugin.state.rawValue, plugin.manifest.types.map(\.id).joined(separator: ","),
                    "\(active)/\(plugin.sandbox.count)", plugin.pin.short,
                ]
            })
    }

    init(_ moves: PinMoves) {
        self.init(
            columns: ["TENANT", "PROJECT", "CLUSTER", "VERSION", "RESULT"],
            rows: moves.moves.map { move in
                let result = move.problem.map { "refused: \($0.code)" } ?? move.operation.map(\.rawValue) ?? "is there already"
                return [move.cluster.tenant, move.cluster.project, move.cluster.name, move.cluster.pin.version, result]
            })
    }
}
