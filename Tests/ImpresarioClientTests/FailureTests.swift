// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import Testing

@testable import ImpresarioClient

@Suite("A client of an unreliable broker", .timeLimit(.minutes(1)))
struct FailureTests {
    private static let identity = UnreliableServer.json("200 OK", #"{"name":"a","role":"admin","version":"1"}"#)
    private static let tenant = UnreliableServer.json(
        "201 Created", #"{"id":"t1","name":"x","limits":{},"createdAt":"2026-01-31T12:00:00Z"}"#)

    private func client<Result>(_ port: Int, _ body: (Client) async throws -> Result) async throws -> Result {
        let retry = RetryPolicy(attempts: 3, firstDelay: .milliseconds(1))
        return try await Client.with(.init(server: try ServerAddress("127.0.0.1:\(port)"), token: "t", retry: retry), body)
    }

    @Test("says that nobody listens, and where")
    func refused() async throws {
        // A port that was free a moment ago.
        var port = 0
        try await UnreliableServer.with([]) { port = $0.port }
        let problem = await #expect(throws: Problem.self) { try await client(port) { try await $0.whoami() } }
        #expect(problem?.is(.unreachable) == true)
        #expect(problem?.message == "The broker at http://127.0.0.1:\(port) does not answer: the connection was refused.")
        #expect(problem?.remedy != nil)
    }

    @Test("says that a name is of no machine")
    func noName() async throws {
        let problem = await #expect(throws: Problem.self) {
            try await Client.with(.init(server: try ServerAddress("https://no-such-machine.invalid"), retry: .never)) {
                try await $0.whoami()
            }
        }
        #expect(problem?.is(.unreachable) == true)
        #expect(
            problem?.message.contains("no machine is known by the name no-such-machine.invalid") == true, "\(String(describing: problem))")
    }

    @Test("repeats a GET whose connection broke")
    func broken() async throws {
        try await UnreliableServer.with([nil, nil, Self.identity]) { server in
            let answer = try await client(server.port) { try await $0.whoami() }
            #expect(answer.name == "a")
            #expect(server.requests == 3)
        }
    }

    @Test("repeats a POST that has a key, and none that has not")
    func posts() async throws {
        try await UnreliableServer.with([nil, Self.tenant]) { server in
            let answer = try await client(server.port) { try await $0.createTenant(NewTenant(name: "x")) }
            #expect(answer.name == "x")
            #expect(server.requests == 2)
        }
        try await UnreliableServer.with([nil, Self.tenant]) { server in
            let problem = await #expect(throws: Problem.self) {
                try await client(server.port) { try await $0.createToken(NewToken(name: "x", role: .admin)) }
            }
            #expect(problem?.is(.unreachable) == true)
            #expect(server.requests == 1)
        }
    }

    @Test("waits for a busy broker, and believes one that is not busy")
    func busy() async throws {
        let busy = UnreliableServer.json(
            "503 Service Unavailable",
            #"{"type":"x","title":"x","status":503,"code":"overloaded","detail":"Busy.","owner":"admin","retryable":true}"#,
            type: "application/problem+json")
        try await UnreliableServer.with([busy, Self.identity]) { server in
            let answer = try await client(server.port) { try await $0.whoami() }
            #expect(answer.name == "a")
        }
        let refusal = UnreliableServer.json(
            "403 Forbidden",
            #"{"type":"x","title":"x","status":403,"code":"denied","detail":"No.","field":"/a","owner":"tenant","remedy":"Ask."}"#,
            type: "application/problem+json")
        try await UnreliableServer.with([refusal, Self.identity]) { server in
            let problem = await #expect(throws: Problem.self) { try await client(server.port) { try await $0.whoami() } }
            #expect(problem?.code == "denied" && problem?.message == "No." && problem?.field == "/a" && problem?.remedy == "Ask.")
            #expect(server.requests == 1)
        }
    }

    @Test("goes on waiting for an operation over a restart of the broker")
    func restart() async throws {
        func operation(_ state: String, tag: Int) -> String {
            let body = """
                {"id":"o1","kind":"create","cluster":"c1","clusterName":"web","tenant":"t1","project":"p1","requestedBy":"a","state":"\(state)",\
                "steps":[],"createdAt":"2026-01-31T12:00:00Z"}
                """
            return UnreliableServer.json("200 OK", body).replacing("Connection:", with: "ETag: \"\(tag)\"\r\nConnection:")
        }
        // Answered, then gone for longer than one request is repeated, then back; a poll that ran out is not an update.
        let script = [operation("running", tag: 7), nil, nil, nil, nil, operation("running", tag: 7), operation("succeeded", tag: 9)]
        try await UnreliableServer.with(script) { server in
            let states = try await client(server.port) { client in
                var states: [Operation.State] = []
                for try await update in client.updates(of: ID("o1")) { states.append(update.state) }
                return states
            }
            #expect(states == [.running, .succeeded])
            #expect(server.requests == 7)
        }
    }

    @Test(
        "says so when something else than a broker answers",
        arguments: [UnreliableServer.json("200 OK", "<html>"), UnreliableServer.json("502 Bad Gateway", "oops", type: "text/plain")])
    func stranger(_ answer: String) async throws {
        try await UnreliableServer.with([answer]) { server in
            let problem = await #expect(throws: Problem.self) { try await client(server.port) { try await $0.whoami() } }
            #expect(problem?.is(.invalidAnswer) == true)
        }
    }
}
