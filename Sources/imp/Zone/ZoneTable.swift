// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension Table {
    init(_ zones: [Zone]) {
        self.init(
            columns: ["NAME", "TRUST", "EGRESS", "CREATED"],
            rows: zones.map { [$0.name, $0.trust.rawValue, $0.allowsEgress ? "yes" : "no", $0.createdAt.short] })
    }
}
