// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension Table {
    init(_ tokens: [TokenView]) {
        self.init(
            columns: ["NAME", "ROLE", "TENANT", "PROJECT", "CREATED", "EXPIRES"],
            rows: tokens.map {
                [$0.name, $0.role.rawValue, $0.tenant ?? "", $0.project ?? "", $0.createdAt.short, $0.expiresAt?.short ?? "never"]
            })
    }
}
