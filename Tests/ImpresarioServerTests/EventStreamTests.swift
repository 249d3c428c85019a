// SPDX-License-Identifier: Apache-2.0

import ImpresarioClient
import ImpresarioModel
import ServerFixture
import Testing

@Suite("The event stream", .timeLimit(.minutes(1)))
struct EventStreamTests {
    @Test("tells events as they happen, and goes on after the last one seen")
    func stream() async throws {
        try await ServerFixture.with { fixture in
            try await fixture.client(fixture.adminToken) { client in
                var iterator = client.events(after: 0).makeAsyncIterator()
                var seen = [try #require(try await iterator.next())]
                _ = try await client.createTenant(NewTenant(name: "fresh"))
                while seen.last?.event.message.contains("fresh") != true { seen.append(try #require(try await iterator.next())) }
                #expect(seen.map(\.id) == seen.map(\.id).sorted())
                #expect(seen.last?.event.type == "tenant.created")

                var resumed = client.events(after: seen[seen.count - 2].id).makeAsyncIterator()
                #expect(try await resumed.next() == seen.last)
            }
        }
    }

    @Test("shows a caller only what they may see")
    func visibility() async throws {
        try await ServerFixture.with { fixture in
            try await fixture.client(fixture.strangerToken) { client in
                var iterator = client.events(after: 0).makeAsyncIterator()
                let project = try await client.createProject(NewProject(name: "own"), inTenant: "evil")
                var last = try #require(try await iterator.next())
                while last.event.project != project.id { last = try #require(try await iterator.next()) }
                let listed = try await client.eventList().all()
                #expect(!listed.isEmpty)
                #expect(listed.allSatisfy { $0.tenant == project.tenant })
            }
        }
    }

    @Test("ends when the server stops")
    func shutdown() async throws {
        let ended = try await ServerFixture.with { fixture in
            let (url, token) = (fixture.url, fixture.adminToken)
            let client = try Client(.init(server: try ServerAddress(url), token: token))
            var iterator = client.events(after: 0).makeAsyncIterator()
            _ = try await iterator.next()
            return client
        }
        // The fixture returned, though a stream was open: the server did not wait for its reader.
        await ended.shutdown()
    }
}
