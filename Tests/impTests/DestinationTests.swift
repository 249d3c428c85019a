// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioClient
import ImpresarioModel
import Testing

@testable import imp

@Suite("Where a command goes")
struct DestinationTests {
    private let contexts = ContextFile(
        current: "home",
        contexts: [
            "home": .init(server: "http://127.0.0.1:1", token: "home-token", tenant: "acme", project: "shop"),
            "work": .init(server: "https://work.example", token: "work-token", tenant: "corp", ca: "/ca.pem"),
        ])
    private let local = LocalBroker(server: "http://127.0.0.1:7070", token: "admin-token")

    private func resolve(
        _ flags: Destination.Wishes = .init(), _ environment: [String: String] = [:], contexts: ContextFile? = nil,
        local: LocalBroker? = nil
    ) throws(Problem) -> Destination {
        try Destination.resolve(flags: flags, environment: environment, contexts: contexts ?? self.contexts, local: local)
    }

    @Test("is the context in use, or the broker of this machine, or nowhere")
    func defaults() throws {
        let home = try resolve()
        #expect(
            home.server.description == "http://127.0.0.1:1" && home.token == "home-token" && home.project == "shop" && home.label == "home")
        let machine = try resolve(contexts: ContextFile(), local: local)
        #expect(machine.server.description == "http://127.0.0.1:7070" && machine.token == "admin-token" && machine.label == "local")
        let nowhere = #expect(throws: Problem.self) { try resolve(contexts: ContextFile()) }
        #expect(nowhere?.message == "No broker is known.")
    }

    @Test("is decided by flags, then environment, then context")
    func precedence() throws {
        let environment = [
            "IMPRESARIO_SERVER": "http://127.0.0.1:2", "IMPRESARIO_TOKEN": "env-token", "IMPRESARIO_TENANT": "env",
            "IMPRESARIO_PROJECT": "",
        ]
        let byEnvironment = try resolve(.init(), environment)
        #expect(
            byEnvironment.server.description == "http://127.0.0.1:2" && byEnvironment.token == "env-token" && byEnvironment.tenant == "env")
        #expect(byEnvironment.project == "shop")
        let byFlags = try resolve(.init(server: "http://127.0.0.1:3", token: "flag-token", tenant: "flag", project: "p"), environment)
        #expect(byFlags.server.description == "http://127.0.0.1:3" && byFlags.token == "flag-token" && byFlags.tenant == "flag")
        #expect(byFlags.project == "p")
        let named = try resolve(.init(context: "work"), environment)
        #expect(
            named.server.description == "https://work.example" && named.token == "work-token" && named.tenant == "corp"
                && named.ca == "/ca.pem")
        #expect(try resolve(.init(), ["IMPRESARIO_CONTEXT": "work"]).label == "work")
    }

    @Test("never takes a token to a server that it was not kept for")
    func tokens() throws {
        #expect(try resolve(.init(server: "https://other.example")).token == nil)
        #expect(try resolve(.init(server: "https://other.example"), local: local).token == nil)
        #expect(try resolve(.init(), ["IMPRESARIO_SERVER": "https://other.example"]).ca == nil)
        #expect(try resolve(.init(server: "127.0.0.1:1")).token == "home-token")
        #expect(try resolve(.init(server: "http://127.0.0.1:7070"), local: local).token == "admin-token")
    }

    @Test("is refused when the context does not exist, naming the nearest")
    func unknown() {
        let problem = #expect(throws: Problem.self) { try resolve(.init(context: "hme")) }
        #expect(problem?.message == "There is no context 'hme'." && problem?.remedy == "Did you mean 'home'?")
    }
}

@Suite("Contexts")
struct ContextTests {
    @Test("are kept in a file that only its owner reads, and shown without their tokens")
    func life() async throws {
        try await CommandFixture.with { fixture in
            let path = fixture.folder + "/config/impresario/config.yaml"
            let added = await fixture.run(
                "context", "add", "home", "--server", "127.0.0.1:7070", "--token-file", "-", "--tenant", "acme", input: "s3cret\n")
            #expect(added.status == .success, "\(added.err)")
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            let folder = try FileManager.default.attributesOfItem(atPath: fixture.folder + "/config/impresario")[.posixPermissions] as? Int
            #expect(mode == 0o600 && folder == 0o700)
            #expect(await fixture.run("context", "add", "work", "--server", "https://work.example").status == .success)
            #expect(
                await fixture.run("context", "list").out == """
                        NAME   SERVER                  TENANT   PROJECT
                    *   home   http://127.0.0.1:7070   acme     -
                        work   https://work.example    -        -

                    """)
            #expect(await fixture.run("context", "use", "work").status == .success)
            let shown = await fixture.run("context", "show", "home", "--output", "json")
            #expect(!shown.out.contains("s3cret") && shown.out.contains(#""hasToken" : true"#))
            #expect(await fixture.run("context", "remove", "work").status == .success)
            #expect(await fixture.run("context", "show").status == .usage)
            #expect(await fixture.run("context", "use", "work").status == .usage)
            let file = try ContextStore(environment: fixture.environment).load()
            #expect(file.contexts["home"]?.token == "s3cret" && file.current == nil)
        }
    }

    @Test("in a file that others can read are used with a warning, and one that is damaged is refused with its path")
    func damage() async throws {
        try await CommandFixture.with { fixture in
            _ = await fixture.run("context", "add", "home", "--server", "127.0.0.1:1", "--token-file", "-", input: "t")
            let path = fixture.folder + "/config/impresario/config.yaml"
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            let outcome = await fixture.run("whoami")
            #expect(outcome.status == .unreachable && outcome.err.hasPrefix("warning: others can read \(path)"))
            for text in ["contexts: 3", "a: [", "contexts: {x: {}}"] {
                try Data(text.utf8).write(to: URL(filePath: path))
                let refused = await fixture.run("context", "list")
                #expect(refused.status == .usage && refused.err.contains(path), "\(refused.err)")
            }
        }
    }
}
