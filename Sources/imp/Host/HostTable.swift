// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension Table {
    init(_ hosts: [Host]) {
        self.init(
            columns: ["NAME", "ZONE", "DRIVER", "STATE", "CAPACITY", "ALLOCATABLE"],
            rows: hosts.map { [$0.name, $0.zone, $0.driver, $0.state.rawValue, $0.capacity.description, $0.allocatable.description] })
    }
}
