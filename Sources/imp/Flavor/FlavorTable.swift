// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension Table {
    init(_ flavors: [Flavor]) {
        self.init(
            columns: ["NAME", "CPU", "MEMORY", "DISK", "PRICE", "OTHER"],
            rows: flavors.map { flavor in
                var other = flavor.resources
                let sizes = [ResourceVector.cpu, ResourceVector.memory, ResourceVector.disk].map { key in
                    defer { other[key] = 0 }
                    return Quantity.format(other[key], of: key)
                }
                return [flavor.name] + sizes + [flavor.hourlyPrice?.description ?? "", other.description]
            },
            numeric: [1, 2, 3, 4])
    }
}
