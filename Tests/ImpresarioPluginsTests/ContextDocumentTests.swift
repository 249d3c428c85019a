// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Testing

@testable import ImpresarioPlugins

@Suite struct ContextDocumentTests {
    /// A member that is added to the context and forgotten in the writer is found here.
    @Test(arguments: [nil, "27.3"]) func itIsWhatTheEncoderWrites(version: String?) throws {
        let node = PluginContext.NodeView(
            id: "n-1", name: "web-1", group: "managers", role: "manager", ordinal: 3, zone: "a", host: "h\"1", address: "10.0.0.2",
            state: "running", flavor: .init(cpu: 1000, memory: 2 << 30, disk: 3 << 30))
        let context = PluginContext(
            operation: .init(id: "o-1", kind: "create", attempt: 2),
            cluster: .init(
                id: "c-1", name: "web", params: ["do": ["x": [1, 2.5, nil]]], version: version, labels: ["b": "2", "a": "1"],
                network: "10.0.0.0/24"),
            nodes: [node, node], endpoints: [.init(name: "api", addresses: ["10.0.0.2:1", "h:2"], port: 1)], args: ["nodes": ["n-1"]])
        #expect(
            String(decoding: try context.document(), as: UTF8.self) == String(decoding: try CanonicalJSON.encode(context), as: UTF8.self))
        #expect(try CanonicalJSON.decode(PluginContext.self, from: Data(context.document())) == context)
    }
}
