// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ImpresarioModel
import Testing

@testable import imp

@Suite("Text for people")
struct TextTests {
    @Test("stands in aligned columns without blanks at line ends and without control characters")
    func tables() {
        let table = Table(columns: ["NAME", "COUNT", "NOTE"], rows: [["a", "3", ""], ["longer", "12", "x\u{1b}[31m\ny"]], numeric: [1])
        #expect(table.render() == "NAME     COUNT   NOTE\na            3   -\nlonger      12   x [31m y\n")
        #expect(Table(columns: ["NAME"], rows: []).render() == "NAME\n")
    }

    @Test("of a problem names place, causes, remedy and code")
    func problems() throws {
        let problem = Problem(
            .invalidParameters, "Two parameters are wrong.", remedy: "See imp type show toy.",
            errors: [
                Problem(.invalidParameters, "12 is more than 9.", field: "/parameters/nodes"),
                Problem(.invalidParameters, "It is not known.", field: "/parameters/nope"),
            ])
        try expectSnapshot(ProblemText.render(problem, flags: ["/parameters/nodes": "--nodes"]), "problem-several")
        let nested = Problem(
            .stepFailed, "The step 'bootstrap' failed.", field: "/name",
            cause: Problem(.nodeUnreachable, "Node web-1 does not answer.", cause: Problem(.infrastructure, "The host is down.")))
        try expectSnapshot(ProblemText.render(nested), "problem-causes")
    }

    @Test("of statuses never changes its numbers")
    func statuses() {
        #expect(imp.ExitStatus.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 130])
        #expect(imp.ExitStatus(Problem(.quotaExceeded, "")) == .refused)
        #expect(imp.ExitStatus(Problem(.notFound, "")) == .notFound)
        #expect(imp.ExitStatus(Problem(.unauthenticated, "")) == .denied)
        #expect(imp.ExitStatus(Problem(.internal, "")) == .failure)
        #expect(imp.ExitStatus(Problem(.unreachable, "")) == .unreachable)
    }

    @Test(
        "for shells is taken as it is, whatever it holds",
        arguments: ["plain", "it's", "$HOME `id` $(id) \\ \"q\" !x", "two\nlines", "", "'", "\\'", "ünï"])
    func quoting(_ value: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", Shell.sh.export("V", value) + "\nprintf %s \"$V\""]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(String(decoding: data, as: UTF8.self) == value)
        #expect(Shell.fish.export("V", #"a'b\c"#) == #"set -gx V 'a\'b\\c'"#)
    }

    @Test("that would set variables of the shell itself is refused")
    func variables() {
        for name in ["DOCKER_HOST", "_x", "A1"] { #expect(VariableName.isAllowed(name)) }
        for name in ["", "1A", "A-B", "A B", "PATH", "LD_PRELOAD", "BASH_ENV", "A=B", "A\nB", "É"] {
            #expect(!VariableName.isAllowed(name))
        }
    }

    @Test("as YAML is read back as the same value")
    func yaml() throws {
        let value: JSONValue = [
            "text": "plain words", "number-like": "3", "bool-like": "yes", "null-like": "~", "empty": "", "colon": "a: b", "multi": "a\nb",
            "integer": 3, "float": 1.5, "yes": true, "none": nil, "list": [1, ["a": [2]], [], [[1]]], "map": ["x": ["y": 1]],
            "nothing": [:],
            "date": "2026-01-31", "quote": "it's \"q\"", "lead": " x", "hash": "a #b", "dash": "- x", "octal": "010", "exp": "1e3",
        ]
        #expect(try YAML.read(YAML.write(value), source: "x") == value)
        #expect(YAML.write(["a": ["b": [1, ["c": 2]]], "d": "x"]) == "a:\n  b:\n  - 1\n  - c: 2\nd: x\n")
        #expect(try YAML.read(#"{"a": [1, "2", true, null, 1.5]}"#, source: "x") == ["a": [1, "2", true, nil, 1.5]])
        #expect(try YAML.read("a: yes\nb: 010\nc: 'no'", source: "x") == ["a": "yes", "b": 10, "c": "no"])
        #expect(try YAML.read("", source: "x") == .null)
        let problem = #expect(throws: Problem.self) { try YAML.read("a: [", source: "p.yaml") }
        #expect(problem?.message.hasPrefix("p.yaml is not YAML or JSON") == true)
    }

    @Test("of help and of a type's parameters")
    func help() throws {
        try expectSnapshot(Imp.helpMessage(for: Imp.self, columns: 80) + "\n", "help")
        for (name, command) in [
            ("help-cluster", ClusterNoun.self), ("help-cluster-create", ClusterCreate.self), ("help-cluster-do", ClusterDo.self),
            ("help-cluster-env", ClusterEnv.self), ("help-cluster-delete", ClusterDelete.self), ("help-quota-set", QuotaSet.self),
            ("help-context-add", ContextAdd.self), ("help-token-create", TokenCreate.self),
            ("help-plugin", PluginNoun.self), ("help-plugin-install", PluginInstall.self), ("help-plugin-move", PluginMove.self),
            ("help-plugin-new", PluginNew.self), ("help-plugin-upgrade", PluginUpgrade.self),
        ] as [(String, any ParsableCommand.Type)] {
            try expectSnapshot(Imp.helpMessage(for: command, columns: 80) + "\n", name)
        }
    }
}

@Suite("What progress tells")
struct ProgressTests {
    private func operation(_ steps: [Step], _ state: ImpresarioModel.Operation.State = .running) -> ImpresarioModel.Operation {
        ImpresarioModel.Operation(
            id: ID("o1"), kind: .create, cluster: ID("c1"), clusterName: "web", tenant: ID("t1"), project: ID("p1"), requestedBy: "bob",
            state: state,
            steps: steps, createdAt: Timestamp(milliseconds: 0))
    }

    @Test("is a line for each thing that happened, once")
    func lines() {
        var report = ProgressReport()
        let start = Timestamp(milliseconds: 1000)
        #expect(report.lines(for: operation([Step(name: "a"), Step(name: "b")])) == [])
        #expect(report.lines(for: operation([Step(name: "a", state: .running, attempts: 1), Step(name: "b")])) == ["a: running"])
        #expect(report.lines(for: operation([Step(name: "a", state: .running, attempts: 1, progress: 5000), Step(name: "b")])) == [])
        let problem = Problem(.nodeUnreachable, "Node\nx is away.")
        #expect(
            report.lines(for: operation([Step(name: "a", state: .running, attempts: 2, problem: problem), Step(name: "b")]))
                == ["a: attempt 2, after: Node x is away."])
        let done = Step(name: "a", state: .done, attempts: 2, startedAt: start, finishedAt: start + .milliseconds(2340))
        #expect(
            report.lines(for: operation([done, Step(name: "b", state: .failed, attempts: 1, problem: problem)], .failed))
                == ["a: done in 2.3 s", "b: failed: Node x is away."])
    }

    @Test("is a bar with the step that runs")
    func bar() {
        let half = operation([
            Step(name: "a", state: .done), Step(name: "b", state: .running, progress: 2000, phase: "turning"), Step(name: "c"),
        ])
        #expect(ProgressReport.bar(half) == "[########------------]  40 %  b (2/3): turning")
        #expect(ProgressReport.bar(operation([Step(name: "a", state: .done)], .succeeded)) == "[####################] 100 %")
        #expect(ProgressReport.bar(operation([])) == "[--------------------]   0 %")
    }
}
