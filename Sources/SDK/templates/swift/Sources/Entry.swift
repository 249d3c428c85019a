// SPDX-License-Identifier: Apache-2.0

public import CImpresario
import ImpresarioPluginKit

/// What the host calls first.
@_cdecl("imp_plugin_v0")
public func entry(hostMinor: UInt32) -> UnsafePointer<imp_plugin>? {
    Plugin(id: "@NAME@", version: pluginVersion, vendor: "Example", license: "Apache-2.0", types: [Kind()]).export(hostMinor: hostMinor)
}
