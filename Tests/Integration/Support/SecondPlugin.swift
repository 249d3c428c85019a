// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The plugin of this repository under another version, built as its own author would: its sources with another number, against the SDK as built.
enum SecondPlugin {
    private static let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Plugins/Swarm").standardized
    private static let features = ["ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility"]

    /// - Parameter change: to the sources, as a script for `sed`.
    /// - Returns: the library's path.
    static func build(version: String, in folder: String, changing change: String = "") async throws -> String {
        let (copy, products, library) = ("\(folder)/plugin-\(version)", Machine.products.path, "\(folder)/libswarm-\(version).so")
        let script = """
            set -e
            cp -r \(sources.path) \(copy)
            grep -q 'version: "0.1.0"' \(copy)/Entry.swift
            find \(copy) -name '*.swift' -exec sed -i 's/version: "0.1.0"/version: "\(version)"/; \(change)' {} +
            swiftc -emit-library -swift-version 6 -parse-as-library -module-name SwarmPlugin \
              \(features.map { "-enable-upcoming-feature \($0)" }.joined(separator: " ")) \
              -I \(products)/Modules -Xcc -fmodule-map-file=\(products)/CImpresario.build/module.modulemap \
              -o \(library) $(find \(copy) -name '*.swift') \(products)/ImpresarioPluginKit.build/*.swift.o
            """
        let built = try await Machine.shell(script)
        guard built.succeeded else { throw TooLate(description: "the second plugin: \(built.text.suffix(2000))") }
        return library
    }
}
