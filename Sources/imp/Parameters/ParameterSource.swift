// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// Files that parameters come from; `-` is standard input.
enum ParameterSource {
    /// By a handle, which also reads pipes such as `<(command)`.
    static func read(_ path: String) throws -> Data {
        guard path != "-" else { return try Surroundings.current.input() }
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? file.close() }
        return try file.readToEnd() ?? Data()
    }

    static func document(_ path: String) throws(Problem) -> JSONValue {
        let data: Data
        do { data = try read(path) } catch {
            throw Problem(.invalidUsage, "\(path) cannot be read.", field: "--file", detail: String(describing: error))
        }
        return try YAML.read(String(decoding: data, as: UTF8.self), source: path == "-" ? "Standard input" : path)
    }
}
