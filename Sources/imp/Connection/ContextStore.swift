// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// Reads and writes `$XDG_CONFIG_HOME/impresario/config.yaml`, which holds tokens and is for its owner's eyes only.
struct ContextStore: Sendable {
    let path: String

    init(environment: [String: String]) {
        let base = environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? Home.path(environment) + "/.config"
        path = base + "/impresario/config.yaml"
    }

    /// An absent file is an empty one.
    func load() throws(Problem) -> ContextFile {
        guard let data = FileManager.default.contents(atPath: path) else {
            guard !FileManager.default.fileExists(atPath: path) else { throw Problem(.invalidUsage, "\(path) cannot be read.") }
            return ContextFile()
        }
        let document = try YAML.read(String(decoding: data, as: UTF8.self), source: path)
        if document == .null { return ContextFile() }
        do {
            return try CanonicalJSON.decode(from: try CanonicalJSON.encode(document))
        } catch {
            throw Problem(
                .invalidUsage, "\(path) is not a file of contexts.",
                cause: Problem(decoding: error, code: .invalidUsage))
        }
    }

    func save(_ file: ContextFile) throws(Problem) {
        do {
            let document: JSONValue = try CanonicalJSON.decode(from: try CanonicalJSON.encode(file))
            try PrivateFiles.write(Data(YAML.write(document).utf8), to: path)
        } catch {
            throw Problem(.invalidUsage, "\(path) cannot be written: \(error).")
        }
    }

    /// A sentence when others can read the tokens; nil when all is well.
    func complaint() -> String? {
        let mode = (try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int) ?? 0o600
        return mode & 0o077 == 0 ? nil : "warning: others can read \(path), which holds tokens: chmod 600 it"
    }
}

enum Home {
    static func path(_ environment: [String: String]) -> String {
        environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory()
    }
}
