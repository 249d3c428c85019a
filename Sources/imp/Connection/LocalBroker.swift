// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// What a broker on this machine left in its data folder for `imp`.
struct LocalBroker: Hashable, Sendable {
    var server: String
    /// Nil when the caller may not read it.
    var token: String?

    /// - Returns: nil when there is none.
    static func find(environment: [String: String]) -> LocalBroker? {
        let folder = environment["IMPRESARIO_DATA"].flatMap { $0.isEmpty ? nil : $0 } ?? "/var/lib/impresario"
        func line(_ name: String) -> String? {
            FileManager.default.contents(atPath: "\(folder)/\(name)").map {
                String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            }
        }
        return line("server.address").map { LocalBroker(server: $0, token: line("admin.token")) }
    }
}
