// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ImpresarioModel

enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case table, json, yaml

    /// - Parameter table: used for `table` only.
    func render(_ value: some Encodable, table: () -> String) throws -> String {
        switch self {
        case .table: return table()
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
        case .yaml:
            let document: JSONValue = try CanonicalJSON.decode(from: try CanonicalJSON.encode(value))
            return YAML.write(document)
        }
    }
}

struct OutputOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "How results are written to standard output.")
    var output: OutputFormat = .table

    func show(_ value: some Encodable, table: @autoclosure () -> Table) throws {
        Surroundings.current.out(try output.render(value) { table().render() })
    }

    func show(_ value: some Encodable, fields: @autoclosure () -> Fields) throws {
        Surroundings.current.out(try output.render(value) { fields().render() })
    }

    func show(_ value: some Encodable, text: @autoclosure () -> String) throws {
        Surroundings.current.out(try output.render(value) { text() })
    }
}
