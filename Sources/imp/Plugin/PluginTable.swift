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
                    "\(active)/\(plugin.sandbox.count)", String(plugin.pin.sha256.prefix(12)),
                ]
            })
    }
}
