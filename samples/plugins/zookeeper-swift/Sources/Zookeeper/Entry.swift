// SPDX-License-Identifier: Apache-2.0

public import CImpresario
import ImpresarioPluginKit

/// What the host calls first.
@_cdecl("imp_plugin_v0")
public func entry(hostMinor: UInt32) -> UnsafePointer<imp_plugin>? {
    Plugin(
        id: "zookeeper", version: "0.1.0", vendor: "Impresario", license: "Apache-2.0", packages: Zookeeper.packages, types: [Zookeeper()]
    ).export(hostMinor: hostMinor)
}
