// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// Files that parameters come from; `-` is standard input.
enum ParameterSource {
    static func read(_ path: String) throws -> Data {
        try path == "-" ? Surroundings.current.input() : Data(contentsOf: URL(filePath: path))
    }

    static func document(_ path: String) throws(Problem) -> JSONValue {
        let data: Data
        do { data = try read(path) } catch {
            throw Problem(.invalidUsage, "\(path) cannot be read.", field: "--file", detail: String(describing: error))
        }
        return try YAML.read(String(decoding: data, as: UTF8.self), source: path == "-" ? "Standard input" : path)
    }
}
