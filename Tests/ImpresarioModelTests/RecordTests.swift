// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ImpresarioModel
import Testing

@Suite("Records")
struct RecordTests {
    @Test("Names are DNS labels", arguments: ["a", "web-1", "0", String(repeating: "x", count: 63)])
    func names(name: String) { #expect(Name.isValid(name)) }

    @Test(
        "What is no DNS label is refused",
        arguments: ["", "-a", "a-", "A", "a.b", "a_b", "ä", "a b", "a/b", String(repeating: "x", count: 64), "a\u{0}"])
    func badNames(name: String) { #expect(!Name.isValid(name)) }

    @Test("Ids are DNS labels, sort by time and do not repeat")
    func ids() {
        let source = IdentifierSource()
        let drawn = (0..<1000).map { _ in source.draw(Cluster.self, prefix: "c").rawValue }
        #expect(Set(drawn).count == drawn.count)
        #expect(drawn.allSatisfy(Name.isValid))
        let early = IdentifierSource(now: { Timestamp(milliseconds: 1) }).draw(Cluster.self, prefix: "c")
        let late = IdentifierSource(now: { Timestamp(milliseconds: 1 << 40) }).draw(Cluster.self, prefix: "c")
        #expect(early < late)
    }

    @Test("Moments survive JSON to the millisecond")
    func timestamps() throws {
        for milliseconds in [0, 1, 999, 1_700_000_000_123, 4_102_444_800_000] as [Int64] {
            let moment = Timestamp(milliseconds: milliseconds)
            #expect(try CanonicalJSON.decode(Timestamp.self, from: CanonicalJSON.encode(moment)) == moment)
        }
        #expect(throws: (any Error).self) { try CanonicalJSON.decode(Timestamp.self, from: Data(#""yesterday""#.utf8)) }
    }

    @Test("Moments are written and read as the calendar has it")
    func calendar() {
        let style = Date.ISO8601FormatStyle()
        // From 1583 on: before it Foundation has another calendar, and RFC 3339 has not.
        var moments: [Int64] = [-12_212_553_600_000, -1, 0, 951_782_400_000, 951_868_800_000, 4_107_542_400_000, 253_402_300_799_999]
        for _ in 0..<2000 { moments.append(.random(in: -12_212_553_600_000...253_402_300_799_999)) }
        for milliseconds in moments {
            let moment = Timestamp(milliseconds: milliseconds)
            let seconds = Date(timeIntervalSince1970: (Double(milliseconds) / 1000).rounded(.down))
            #expect(moment.description.prefix(19) == style.format(seconds).prefix(19))
            #expect(Timestamp(moment.description) == moment)
        }
        for text in ["2026-13-01T00:00:00.000Z", "2026-01-01 00:00:00.000Z", "2026-01-0aT00:00:00.000Z"] {
            #expect(Timestamp(text) == nil, "\(text)")
        }
        #expect(Timestamp("2026-01-31T12:00:00Z")?.description == "2026-01-31T12:00:00.000Z")
        #expect(Timestamp("2026-01-31T12:00:00.000+01:00")?.description == "2026-01-31T11:00:00.000Z")
    }

    @Test("A cluster counts itself, its type, its nodes and what they are made of")
    func use() throws {
        let cluster = Cluster.sample(nodes: 3, resources: ["cpu": 500, "memory": 1 << 30, "license.foo": 1])
        #expect(
            try cluster.use() == ["cluster": 1, "cluster.sample": 1, "node": 3, "cpu": 1500, "memory": 3 << 30, "license.foo": 3])
    }

    @Test("Problems point at the member at fault")
    func decodingProblems() throws {
        func problem(_ json: String) -> Problem? {
            do {
                _ = try CanonicalJSON.decode(Flavor.self, from: Data(json.utf8))
                return nil
            } catch { return Problem(decoding: error) }
        }
        #expect(problem("{")?.message == "The document is not JSON.")
        #expect(problem(#"{"name":3}"#)?.field == "/name")
        #expect(problem(#"{"name":"a"}"#)?.field == "/resources")
        #expect(problem(#"{"name":"a","resources":{"cpu":[]}}"#) != nil)
    }

    @Test("JSON keeps whole numbers whole and canonical text stable")
    func canonical() throws {
        let text = #"{"a":[1,2.5,true,null,"x/y"],"b":{"c":-9007199254740993}}"#
        let value: JSONValue = try CanonicalJSON.decode(from: Data(text.utf8))
        #expect(String(decoding: try CanonicalJSON.encode(value), as: UTF8.self) == text)
    }
}

extension Cluster {
    static func sample(nodes count: Int, resources: ResourceVector) -> Cluster {
        Cluster(
            id: ID("c1"), name: "web", tenant: ID("t1"), tenantName: "acme", project: ID("p1"), projectName: "shop", type: "sample",
            plugin: PluginPin(id: "sample", version: "1.0.0", sha256: "00"), parameters: [:], labels: [:], groups: [],
            nodes: (0..<count).map {
                Node(
                    id: ID("n\($0)"), name: "web-node-\($0)", group: "node", ordinal: $0, flavor: "small", resources: resources,
                    zone: "local", host: "local", address: "10.0.0.\($0 + 2)")
            }, endpoints: [], phase: .ready, health: .healthy, conditions: [], version: nil, operation: nil,
            createdAt: Timestamp(milliseconds: 0), updatedAt: Timestamp(milliseconds: 0))
    }
}
