// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension Table {
    init(_ projects: [Project]) {
        self.init(
            columns: ["NAME", "TENANT", "NETWORK", "LIMITS", "CREATED"],
            rows: projects.map { [$0.name, $0.tenantName, $0.network, $0.limits.description, $0.createdAt.short] })
    }
}

extension Fields {
    init(_ project: Project) {
        self.init([
            ("name", project.name), ("id", project.id.rawValue), ("tenant", project.tenantName), ("network", project.network),
            ("limits", project.limits.description), ("leases", project.leases?.words), ("created", project.createdAt.short),
        ])
    }
}
