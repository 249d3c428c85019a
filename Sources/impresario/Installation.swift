// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// Where this program's companions are: as installed (`bin`, `libexec`, `lib/impresario/plugins`), or all in one folder as built.
struct Installation {
    let guest: String
    let plugins: String

    /// - Throws: ``Problem`` `invalid-usage` when there is no guest host.
    init(settings: Settings) throws(Problem) {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let prefix = program.deletingLastPathComponent()
        func first(_ candidates: [String]) -> String? { candidates.first { FileManager.default.fileExists(atPath: $0) } }
        let known = [prefix.appending(path: "libexec/impresario-guest").path, program.appending(path: "impresario-guest").path]
        guard let guest = settings.guest ?? first(known), FileManager.default.isExecutableFile(atPath: guest) else {
            throw Problem(
                .invalidUsage, "The guest host was not found: \(settings.guest ?? known.joined(separator: ", ")).", field: "guest",
                remedy: "Name it by --guest.")
        }
        self.guest = guest
        plugins = settings.plugins ?? first([prefix.appending(path: "lib/impresario/plugins").path]) ?? program.path
        guard FileManager.default.fileExists(atPath: plugins) else {
            throw Problem(.invalidUsage, "There is no folder \(plugins).", field: "plugins")
        }
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
