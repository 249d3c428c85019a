// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import ImpresarioPlugins

/// What this program runs and loads.
struct Installation {
    let guest: String
    let plugins: String

    /// - Throws: ``Problem`` `invalid-usage` when there is no guest host.
    init(settings: Settings) throws(Problem) {
        guest = try InstalledFiles.guest(named: settings.guest)
        plugins = try InstalledFiles.plugins(named: settings.plugins)
    }

    /// Sorted.
    func libraries() throws(Problem) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: plugins).filter { $0.hasSuffix(".so") }.sorted().map {
                "\(plugins)/\($0)"
            }
        } catch {
            throw Problem(.invalidUsage, "The folder \(plugins) cannot be read.", field: "plugins", detail: String(describing: error))
        }
    }
}
