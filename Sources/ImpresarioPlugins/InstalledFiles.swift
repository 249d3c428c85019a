// SPDX-License-Identifier: Apache-2.0

import Foundation
public import ImpresarioModel

/// Where the companions of this program are: as installed (`bin`, `libexec`, `lib/impresario/plugins`), or all in one folder as built.
public enum InstalledFiles {
    private static var program: URL { URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent() }
    private static var prefix: URL { program.deletingLastPathComponent() }

    /// The guest host's executable.
    ///
    /// - Parameter named: a path that somebody chose; nil looks in the usual places.
    /// - Throws: ``Problem`` `invalid-usage` when there is none.
    public static func guest(named: String? = nil) throws(Problem) -> String {
        let known = [prefix.appending(path: "libexec/impresario-guest").path, program.appending(path: "impresario-guest").path]
        guard let guest = named ?? first(known), FileManager.default.isExecutableFile(atPath: guest) else {
            throw Problem(
                .invalidUsage, "The guest host was not found: \(named ?? known.joined(separator: ", ")).", field: "guest",
                remedy: "Name it by --guest.")
        }
        return guest
    }

    /// The folder of plugins that are installed with the program.
    ///
    /// - Throws: ``Problem`` `invalid-usage` when it is not there.
    public static func plugins(named: String? = nil) throws(Problem) -> String {
        let plugins = named ?? first([prefix.appending(path: "lib/impresario/plugins").path]) ?? program.path
        guard FileManager.default.fileExists(atPath: plugins) else {
            throw Problem(.invalidUsage, "There is no folder \(plugins).", field: "plugins")
        }
        return plugins
    }

    private static func first(_ candidates: [String]) -> String? { candidates.first { FileManager.default.fileExists(atPath: $0) } }
}
