// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension Table {
    init(_ tenants: [Tenant]) {
        self.init(
            columns: ["NAME", "ZONES", "LIMITS", "CREATED"],
            rows: tenants.map { [$0.name, $0.zones?.joined(separator: ",") ?? "all", $0.limits.description, $0.createdAt.short] })
    }
}

extension Fields {
    init(_ tenant: Tenant) {
        self.init([
            ("name", tenant.name), ("id", tenant.id.rawValue), ("zones", tenant.zones?.joined(separator: ",") ?? "all"),
            ("limits", tenant.limits.description), ("overcommit", tenant.allowsOvercommit == true ? "allowed" : "not allowed"),
            ("created", tenant.createdAt.short),
        ])
    }
}

extension Timestamp {
    /// To the second, as tables show it.
    var short: String { String(description.prefix(19)) + "Z" }
}
