// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioPluginKit
import PluginTestSupport
import Testing

@Suite struct CallDocumentTests {
    private struct Count: Codable, Equatable { var n = 0 }

    private let host = FakeHost()

    private func call() -> Call {
        Call(
            context: Context(
                operation: .init(id: "o1", kind: "create", attempt: 1), cluster: .init(id: "c1", name: "web", params: [:], network: "")),
            host: host.table, pointer: host.call)
    }

    @Test func `a document is read, changed, written and taken away`() throws {
        let call = call()
        #expect(try call.state("count", as: Count.self) == nil)
        for expected in 1...3 {
            let n = try call.updateState("count", initial: Count()) { count in
                count.n += 1
                return count.n
            }
            #expect(n == expected)
        }
        #expect(try call.state("count", as: Count.self) == Count(n: 3))
        #expect(host.states["count"]?.version == 3)
        // What does not change is not written.
        try call.updateState("count", initial: Count()) { _ in }
        #expect(host.states["count"]?.version == 3)
        try call.deleteState("count")
        try call.deleteState("count")
        #expect(host.states["count"] == nil)
    }

    @Test func `whoever was faster is not overwritten`() throws {
        let call = call()
        var rounds = 0
        try call.updateState("count", initial: Count()) { count in
            rounds += 1
            // Somebody else writes between our reading and our writing, once.
            if rounds == 1 { try call.putState("count", Data(#"{"n":40}"#.utf8), expecting: 0) }
            count.n += 2
        }
        #expect(rounds == 2)
        #expect(try call.state("count", as: Count.self) == Count(n: 42))
        let contention = #expect(throws: PluginProblem.self) {
            try call.updateState("count", initial: Count()) { count in
                let version = try call.state("count")?.version ?? 0
                try call.putState("count", Data(#"{"n":\#(version)}"#.utf8), expecting: version)
                count.n = -1
            }
        }
        #expect(contention?.code == "sdk.contention" && contention?.isRetryable == true)
    }

    @Test func `a document of another form is a mistake that names the member`() throws {
        let call = call()
        try call.putState("count", Data(#"{"m":1}"#.utf8), expecting: 0)
        #expect(throws: DecodingError.self) { try call.state("count", as: Count.self) }
    }

    @Test func `secrets are kept apart from state`() throws {
        let call = call()
        try call.updateSecret("token", initial: "") { $0 = "hush" }
        #expect(try call.secret("token", as: String.self) == "hush")
        #expect(try call.state("token") == nil)
        try call.deleteSecret("token")
        #expect(try call.secret("token", as: String.self) == nil)
    }
}
