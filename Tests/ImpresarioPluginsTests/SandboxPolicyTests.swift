// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioPlugins
import Testing

@Suite struct SandboxPolicyTests {
    @Test func wordsMeanLayers() throws {
        #expect(try SandboxPolicy("strict", isRoot: false).required == SandboxPolicy.layers)
        #expect(try SandboxPolicy("auto", isRoot: true) == .automatic(isRoot: true))
        #expect(SandboxPolicy.automatic(isRoot: true).required == SandboxPolicy.layers)
        #expect(SandboxPolicy.automatic(isRoot: false).required == SandboxPolicy.layers.filter { $0 != "cgroup" && $0 != "uid" })
        #expect(try SandboxPolicy("none", isRoot: true).required == [])
        #expect(try SandboxPolicy("seccomp, landlock", isRoot: true).required == ["landlock", "seccomp"])
        #expect(try SandboxPolicy("strict,-landlock,-cgroup", isRoot: true).required.count == SandboxPolicy.layers.count - 2)
        #expect(try SandboxPolicy("none,uid", isRoot: true).required == ["uid"])
    }

    @Test(arguments: ["", "moat", "seccomp,", "-strict", "seccomp,strict", "strict,-moat", "Strict"]) func otherWordsAreRefused(
        text: String
    ) {
        let problem = #expect(throws: Problem.self) { try SandboxPolicy(text, isRoot: true) }
        #expect(problem?.code == "invalid-usage" && problem?.remedy?.contains("landlock") == true)
    }

    @Test func whatIsMissingIsNamedAlsoWhenTheGuestHostIsSilent() throws {
        let policy = try SandboxPolicy("uid,seccomp,root", isRoot: true)
        let found = [
            SandboxLayer(name: "uid", isActive: true, detail: ""), SandboxLayer(name: "seccomp", isActive: false, detail: "no"),
            SandboxLayer(name: "landlock", isActive: false, detail: "not asked for"),
        ]
        #expect(policy.missing(in: found).map(\.name) == ["root", "seccomp"])
        #expect(policy.missing(in: found).last?.detail == "no")
    }
}
