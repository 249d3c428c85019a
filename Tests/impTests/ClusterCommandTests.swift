// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import ServerFixture
import Testing

@testable import imp

@Suite("imp with a broker", .timeLimit(.minutes(2)))
struct ClusterCommandTests {
    @Test("makes, uses and gives back a cluster")
    func life() async throws {
        try await ServerFixture.with { server in
            try await CommandFixture.with(server) { fixture in
                let made = await fixture.run(
                    "cluster", "create", "web", "--type", "toy", "--nodes", "3", "--no-tls", "--label", "a=b", "--wait")
                #expect(made.status == .success, "\(made.err)")
                #expect(made.out.hasPrefix("NAME   TYPE   PHASE   HEALTH"))
                #expect(made.err.contains("bootstrap: done"))

                let nodes = await fixture.run("cluster", "nodes", "web", "-o", "json")
                let list: [Node] = try CanonicalJSON.decode(from: Data(nodes.out.utf8))
                #expect(list.count == 3)
                let cluster: Cluster = try CanonicalJSON.decode(
                    from: Data(await fixture.run("cluster", "show", "web", "--output", "json").out.utf8))
                #expect(cluster.parameters["nodes"] == 3 && cluster.parameters["tls"] == false && cluster.labels == ["a": "b"])
                #expect(await fixture.run("cluster", "list").out.contains("web    toy    ready"))
                #expect(await fixture.run("cluster", "events", "web").out.contains("cluster.admitted"))
                #expect(await fixture.run("quota", "show").out.contains(/node +3 +none/))
                #expect(await fixture.run("cluster", "show", "web", "-o", "yaml").out.contains("name: web\n"))

                let deleted = await fixture.run("cluster", "delete", "web", "--wait")
                #expect(deleted.status == .success, "\(deleted.err)")
                #expect(await fixture.run("cluster", "show", "web").status == .notFound)
                #expect(await fixture.run("quota", "show").out == "RESOURCE   USED   LIMIT\n")
            }
        }
    }

    @Test("writes credentials for their owner only and prints nothing but exports")
    func env() async throws {
        try await ServerFixture.with { server in
            try await CommandFixture.with(server) { fixture in
                _ = await fixture.run("cluster", "create", "web", "--type", "toy", "--wait")
                let env = await fixture.run("cluster", "env", "web")
                #expect(env.status == .success, "\(env.err)")
                let name = try #require(URL(string: server.url)?.port).description
                let folder = fixture.folder + "/state/impresario/127.0.0.1-\(name)/acme/shop/web"
                #expect(env.out == "export TOY_DIR='\(folder)'\nexport TOY_HOST='it'\\''s $HOME'\n")
                for (path, mode) in [(folder, 0o700), (folder + "/key.pem", 0o600), (folder + "/ca.pem", 0o600)] {
                    #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == mode, "\(path)")
                }
                // What is still good is used again; --renew and a revoked one get new ones.
                #expect(await fixture.run("cluster", "env", "web").out == env.out)
                func bindings() async throws -> [Binding] {
                    try CanonicalJSON.decode(from: Data(await fixture.run("cluster", "bindings", "web", "-o", "json").out.utf8))
                }
                let first = try #require(try await bindings().first)
                #expect(try await bindings().count == 1)
                #expect(await fixture.run("cluster", "env", "web", "--renew").status == .success)
                #expect(try await bindings().count == 2)
                for binding in try await bindings() {
                    #expect(await fixture.run("cluster", "revoke", "web", binding.id.rawValue).status == .success)
                }
                #expect(await fixture.run("cluster", "env", "web", "--shell", "fish").out.hasPrefix("set -gx TOY_DIR '"))
                #expect(try await bindings().count == 3)
                #expect(try await bindings().contains { $0.id == first.id && $0.revokedAt != nil })

                let dir = fixture.folder + "/own"
                let credentials = await fixture.run("cluster", "credentials", "web", "--dir", dir, "-o", "json")
                #expect(credentials.out.contains(#""dir" : "\#(dir)""#))
                #expect(try String(contentsOfFile: dir + "/key.pem", encoding: .utf8) == "private")
            }
        }
    }

    @Test("tells what is wrong with parameters in the words of the command line")
    func refusals() async throws {
        try await ServerFixture.with(limits: ["node": 4]) { server in
            try await CommandFixture.with(server) { fixture in
                let flag = await fixture.run("cluster", "create", "web", "--type", "toy", "--node", "3")
                #expect(flag.status == .usage && flag.err.contains("Did you mean --nodes?"))
                let type = await fixture.run("cluster", "create", "web", "--type", "tyo")
                #expect(type.status == .notFound)
                let value = await fixture.run("cluster", "create", "web", "--type", "toy", "--nodes", "12")
                #expect(value.status == .refused && value.err.contains("--nodes"), "\(value.err)")
                let both = await fixture.run("cluster", "create", "web", "--type", "toy", "--mode", "safe")
                #expect(
                    both.status == .refused && both.err.contains("Two nodes are not safe.") && both.err.contains("--nodes"), "\(both.err)")
                let quota = await fixture.run("cluster", "create", "web", "--type", "toy", "--nodes", "5")
                #expect(quota.status == .refused && quota.err.contains("quota-exceeded"), "\(quota.err)")
                #expect(await fixture.run("cluster", "create", "--type", "toy").status == .usage)
                #expect(await fixture.run("cluster", "create", "a", "b", "--type", "toy").status == .usage)
                #expect(await fixture.run("cluster", "list").out == "NAME   TYPE   PHASE   HEALTH   NODES   VERSION   CREATED\n")
                let dry = await fixture.run("cluster", "create", "web", "--type", "toy", "--dry-run")
                #expect(dry.status == .success && dry.out.contains("tenant    acme   node"), "\(dry.out)\(dry.err)")
            }
        }
    }

    @Test("shows a type's flags, and calls its operations, hiding secrets in tables")
    func types() async throws {
        try await ServerFixture.with { server in
            try await CommandFixture.with(server) { fixture in
                let help = await fixture.run("cluster", "create", "web", "--type", "toy", "--help")
                #expect(help.status == .success)
                let section = try #require(help.out.range(of: "PARAMETERS OF toy:"))
                try expectSnapshot(String(help.out[section.lowerBound...]), "help-toy-parameters")
                try expectSnapshot(await fixture.run("type", "show", "toy").out, "type-show-toy")
                try expectSnapshot(await fixture.run("type", "list").out, "type-list")

                _ = await fixture.run("cluster", "create", "web", "--type", "toy", "--wait")
                try expectSnapshot(await fixture.run("cluster", "do", "web", "rotate-key", "--help").out, "help-toy-rotate-key")
                let hidden = await fixture.run("cluster", "do", "web", "rotate-key", "--role", "a")
                #expect(hidden.out == "key:     ******\nserial:  7\n", "\(hidden.err)")
                #expect(
                    await fixture.run("cluster", "do", "web", "rotate-key", "--role", "a", "--show-secrets").out.contains("secret-of-a"))
                #expect(await fixture.run("cluster", "do", "web", "rotate-key", "--role", "a", "-o", "json").out.contains("secret-of-a"))
                let near = await fixture.run("cluster", "do", "web", "rotate-keys")
                #expect(near.status == .usage && near.err.contains("Did you mean rotate-key?"))
            }
        }
    }

    @Test("asks before it destroys, on a terminal and without --yes")
    func confirmation() async throws {
        try await ServerFixture.with { server in
            try await CommandFixture.with(server) { fixture in
                _ = await fixture.run("cluster", "create", "web", "--type", "toy", "--wait")
                let no = await fixture.run(["cluster", "delete", "web"], answers: ["n"], isInteractive: true)
                #expect(no.status == .failure && no.err.hasSuffix("nothing was done\n"))
                #expect(await fixture.run(["cluster", "delete", "web"], isInteractive: true).status == .failure)
                #expect(await fixture.run("cluster", "list").out.contains("ready"))
                #expect(await fixture.run(["cluster", "delete", "web", "--wait"], answers: ["y"], isInteractive: true).status == .success)
            }
        }
    }

    @Test("stops waiting when time is over, and says how to go on")
    func timeout() async throws {
        let gate = FakeToyPlugin.Gate()
        try await ServerFixture.with(plugin: FakeToyPlugin(gate: gate)) { server in
            try await CommandFixture.with(server) { fixture in
                let late = await fixture.run("cluster", "create", "web", "--type", "toy", "--timeout", "1s")
                #expect(late.status == .timedOut, "\(late.err)")
                let id = try #require(late.err.split(separator: " ").last).trimmingCharacters(in: .whitespacesAndNewlines)
                gate.open()
                let watched = await fixture.run("operation", "watch", id)
                #expect(watched.status == .success && watched.out.contains("bootstrap"), "\(watched.err)")
                #expect(await fixture.run("operation", "list", "--cluster", "web").out.contains("succeeded"))
                #expect(await fixture.run("operation", "show", "o0").status == .notFound)
            }
        }
    }

    @Test("administers, and knows its exit codes")
    func administration() async throws {
        try await ServerFixture.with { server in
            try await CommandFixture.with(server) { member in
                var fixture = member
                fixture.environment["IMPRESARIO_TOKEN"] = server.adminToken
                fixture.environment["IMPRESARIO_PROJECT"] = nil
                fixture.environment["IMPRESARIO_TENANT"] = nil
                #expect(await fixture.run("tenant", "create", "lab", "--limit", "cpu=4", "--limit", "memory=8Gi").status == .success)
                #expect(await fixture.run("tenant", "create", "lab").status == .refused)
                #expect(await fixture.run("tenant", "create", "x", "--limit", "cpu=four").status == .usage)
                #expect(await fixture.run("project", "create", "one", "--tenant", "lab").status == .success)
                let quota = await fixture.run("quota", "set", "--tenant", "lab", "cluster=2", "memory=none")
                #expect(quota.out == "RESOURCE   USED   LIMIT\ncluster       0       2\ncpu           0       4\n", "\(quota.err)")
                let issued: IssuedToken = try CanonicalJSON.decode(
                    from: Data(await fixture.run("token", "create", "carol", "--tenant", "lab", "--project", "one", "-o", "json").out.utf8))
                #expect(issued.token.role == .member && issued.token.project == "one")
                let path = fixture.folder + "/token"
                #expect(await fixture.run("token", "create", "dave", "--tenant", "lab", "--write", path).out == "")
                #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
                #expect(await fixture.run("whoami", "--token-file", path).out.contains("dave"))
                #expect(await fixture.run("token", "delete", "dave", "--tenant", "lab").status == .success)
                #expect(await fixture.run("whoami", "--token-file", path).status == .denied)
                #expect(await fixture.run("flavor", "create", "micro", "cpu=100m", "memory=128Mi", "disk=1Gi").status == .success)
                #expect(await fixture.run("flavor", "list").out.contains(/micro +100m +128Mi +1Gi/))
                #expect(
                    await fixture.run("host", "set", "local", "--state", "cordoned", "--overcommit", "cpu=1.5").out.contains("cordoned"))
                #expect(await fixture.run("zone", "list").status == .success)
                #expect(await fixture.run("plugin", "disable", "toy").out.contains("disabled"))
                #expect(await fixture.run("tenant", "delete", "lab").status == .refused)
                #expect(await fixture.run("project", "delete", "one", "--tenant", "lab").status == .success)
                #expect(await fixture.run("tenant", "delete", "lab").status == .success)
                #expect(await fixture.run("project", "show", "nope", "--tenant", "acme").status == .notFound)
                #expect(await fixture.run("cluster", "list").err.contains("No tenant is chosen."))
                #expect(await member.run("zone", "list").status == .denied)
                #expect(await fixture.run("zone", "list", "--server", "http://127.0.0.1:1").status == .unreachable)
                #expect(await fixture.run("zone").status == .success)
                #expect(await fixture.run("zonk").status == .usage)
                #expect(await fixture.run("--version").out == "imp 0.1.0\n")
                #expect(await fixture.run("completions", "bash").out.contains("_imp()"))
            }
        }
    }
}
