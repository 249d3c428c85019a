// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ImpresarioClient
import ImpresarioModel

struct PluginInstall: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "Give the broker a plugin, or another version of one.",
        discussion: """
            The library is checked in a throw-away process and kept under its content's hash; nothing uses it before imp plugin enable. \
            Of a folder every *.so is installed; one that is refused does not keep the others out.
            """)

    @Argument(help: "A library, or a folder of libraries (*.so).", completion: .file(extensions: ["so"]))
    var path: String

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let libraries = try Self.libraries(path)
        try await connection.connect { session in
            var installed: [Plugin] = []
            var failure: ExitStatus?
            for library in libraries {
                do throws(Problem) {
                    installed.append(try await session.client.installPlugin(file: library))
                } catch {
                    if libraries.count == 1 { throw error }
                    failure = failure ?? ExitStatus(error)
                    Surroundings.current.err("\(library):\n\(ProblemText.render(error))")
                    // Nor will it answer for the others.
                    guard !error.is(.unreachable) else { break }
                }
            }
            if !installed.isEmpty { try output.show(installed, table: Table(installed)) }
            for plugin in installed { Surroundings.current.note(plugin.next) }
            if let failure { throw ExitCode(failure.rawValue) }
        }
    }

    /// - Throws: ``Problem`` `invalid-usage` when there is nothing to install.
    static func libraries(_ path: String) throws(Problem) -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Problem(.invalidUsage, "There is no file \(path).")
        }
        guard isFolder.boolValue else { return [path] }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw Problem(.invalidUsage, "The folder \(path) cannot be read.")
        }
        let libraries = names.filter { $0.hasSuffix(".so") }.sorted().map { "\(path)/\($0)" }
        guard !libraries.isEmpty else {
            throw Problem(.invalidUsage, "There is no plugin (*.so) in \(path).", remedy: "Name a library, or a folder that holds some.")
        }
        return libraries
    }
}

extension Plugin {
    /// What an admin types next, with what to consider first.
    var next: String {
        let name = "\(pin.id) \(pin.version)"
        let packages = manifest.packages.joined(separator: ",")
        switch state {
        case .enabled: return "\(name) is enabled"
        case .quarantined: return "\(name) is in quarantine: imp plugin show \(pin.id)"
        case .disabled: return "\(name) is disabled; next: imp plugin enable \(pin.id) --version \(pin.version)"
        case .installed where manifest.packages.isEmpty:
            return "\(name) puts no packages on nodes; next: imp plugin enable \(pin.id) --version \(pin.version)"
        case .installed:
            return """
                \(name) puts packages on nodes: \(manifest.packages.joined(separator: ", "))
                next, if nodes may have them: imp plugin enable \(pin.id) --version \(pin.version) --approve \(packages)
                """
        }
    }
}
