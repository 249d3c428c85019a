// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// `share/impresario`: templates and SDKs for plugin authors, beside the program as installed or in the sources it was built from.
enum SharedFolder {
    /// - Parameter program: the path of this program, links resolved.
    /// - Throws: ``Problem`` `invalid-usage` that says where it was looked for.
    static func find(
        environment: [String: String], program: URL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    ) throws(Problem) -> String {
        func holdsTemplates(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path + "/templates") }
        if let named = environment["IMPRESARIO_SHARE"], !named.isEmpty {
            let path = URL(filePath: named).standardizedFileURL.path
            guard holdsTemplates(path) else {
                throw Problem(.invalidUsage, "IMPRESARIO_SHARE is \(named), where no templates are.", field: "IMPRESARIO_SHARE")
            }
            return path
        }
        var folder = program.deletingLastPathComponent()
        let installed = folder.deletingLastPathComponent().appending(path: "share/impresario").path
        if holdsTemplates(installed) { return installed }
        // A build folder lies in the sources.
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let sources = folder.appending(path: "Sources/SDK").path
            if holdsTemplates(sources) { return sources }
        }
        throw Problem(
            .invalidUsage, "The templates were not found: \(installed)/templates is not there.",
            remedy: "Install Impresario with 'make install', or name its share/impresario by IMPRESARIO_SHARE.")
    }
}
