// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import ServerFixture
import Testing

@testable import imp

@Suite("imp changes a cluster", .timeLimit(.minutes(2)))
struct ChangeCommandTests {
    private func with(_ body: @escaping @Sendable (CommandFixture) async throws -> Void) async throws {
        try await ServerFixture.with(limits: ["node": 4]) { server in
            try await CommandFixture.with(server) { fixture in
                let made = await fixture.run("cluster", "create", "web", "--type", "toy", "--nodes", "3", "--label", "a=b", "--wait")
                #expect(made.status == .success, "\(made.err)")
                try await body(fixture)
            }
        }
    }

    @Test("by the flags of its type: up, down, and not at all")
    func resize() async throws {
        try await with { fixture in
            let up = await fixture.run("cluster", "resize", "web", "--nodes", "4", "--wait")
            #expect(up.status == .success && up.err.contains("join: done") && up.out.contains(/web +toy +ready +healthy +4/), "\(up.err)")
            let same = await fixture.run("cluster", "resize", "web", "--nodes=4")
            #expect(same.status == .success && same.err.contains("cluster web is as wanted"))
            let dry = await fixture.run("cluster", "resize", "web", "--nodes", "2", "--dry-run")
            #expect(
                dry.status == .success && dry.out.contains(/web-node-3 +node +leaving/) && dry.out.contains("nothing more is counted"),
                "\(dry.out)")
            let down = await fixture.run("cluster", "configure", "web", "--set", "nodes=1", "--no-tls", "--wait", "-o", "json")
            #expect(down.status == .success && down.err.contains("leave: done"), "\(down.err)")
            let cluster: Cluster = try CanonicalJSON.decode(from: Data(down.out.utf8))
            #expect(cluster.nodes.count == 1 && cluster.parameters["tls"] == false && cluster.parameters["mode"] == "fast")
            #expect(await fixture.run("cluster", "upgrade", "web").err.contains("is as wanted"))
            #expect(await fixture.run("quota", "show").out.contains(/node +1 +none/))
        }
    }

    @Test("and tells in the words of the command line what cannot be")
    func refusals() async throws {
        try await with { fixture in
            for (words, status, text) in [
                (["--nodes", "5"], ExitStatus.refused, "quota-exceeded"), (["--nodes", "12"], .refused, "at:     --nodes"),
                (["--set", "flavor=large"], .refused, "cannot-change"), (["--flavor", "large"], .usage, "There is no flag '--flavor'"),
                (["--node", "2"], .usage, "Did you mean --nodes?"), ([], .usage, "Nothing is named"), (["other"], .usage, "One name"),
                (["--set", "nodes=2", "--mode", "safe"], .refused, "Two nodes are not safe."),
            ] {
                let refused = await fixture.run(["cluster", "resize", "web"] + words)
                #expect(refused.status == status && refused.err.contains(text), "\(words): \(refused.err)")
            }
            #expect(await fixture.run("cluster", "resize").status == .usage)
            #expect(await fixture.run("cluster", "resize", "--nodes", "3", "web").status == .usage)
            #expect(await fixture.run("cluster", "resize", "no", "--nodes", "3").status == .notFound)
            let help = await fixture.run("cluster", "resize", "web", "--help")
            #expect(help.status == .success && help.out.contains("WHAT CAN BE CHANGED OF toy:\n  --mode"), "\(help.out)")
            #expect(!help.out.contains("default: 2"))
            #expect(await fixture.run("cluster", "upgrade", "--help").out.contains("imp cluster upgrade <name>"))
        }
    }

    @Test("by labels")
    func labels() async throws {
        try await with { fixture in
            #expect(await fixture.run("cluster", "label", "web", "team=blue", "tmp=", "x=y=z").out == "a=b\nteam=blue\ntmp=\nx=y=z\n")
            #expect(await fixture.run("cluster", "label", "web", "a-", "x-", "no-", "team=red").out == "team=red\ntmp=\n")
            for words in [["a"], ["a=1", "a=2"], ["a=1", "a-"], ["-"], ["=x"], []] {
                #expect(await fixture.run(["cluster", "label", "web"] + words).status == .usage, "\(words)")
            }
            #expect(await fixture.run("cluster", "label", "web", "k=" + String(repeating: "v", count: 300)).status == .refused)
        }
    }
}
