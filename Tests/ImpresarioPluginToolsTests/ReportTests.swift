// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import ImpresarioPluginTools
import Subprocess
import Testing

@Suite struct ReportTests {
    private static func report(_ results: VerificationReport.Result..., nodes: NodeKind = .local) -> VerificationReport {
        VerificationReport(
            plugin: "web", version: "1.0.0", sha256: "00", nodes: nodes, obstacle: nil, seed: 3,
            checks: results.enumerated().map { number, result in
                .init(
                    group: "load", name: "check \(number)", type: "web", result: result, milliseconds: 1500,
                    message: "<\"a\" & 'b'>\u{1}\nsecond line", remedy: "do > this")
            })
    }

    @Test func `the grade follows from results and nodes`() {
        #expect(Self.report(.passed, .skipped).grade == .a)
        #expect(Self.report(.passed, .warning).grade == .b)
        #expect(Self.report(.passed, nodes: .simulated).grade == .b)
        #expect(Self.report(.passed, .failed, .warning).grade == .f)
        #expect(Self.report(.failed, nodes: .simulated).grade == .f)
    }

    @Test func `its JSON holds the grade and reads back`() throws {
        let report = Self.report(.passed, .failed)
        let document: JSONValue = try CanonicalJSON.decode(from: CanonicalJSON.encode(report))
        #expect(document["grade"] == "F")
        #expect(try document.decoded(as: VerificationReport.self) == report)
    }

    @Test func `the JUnit file is XML that counts what failed`() async throws {
        let text = JUnit.render(Self.report(.passed, .failed, .skipped, .warning))
        let script = """
            import sys, xml.etree.ElementTree as tree
            root = tree.fromstring(sys.stdin.buffer.read())
            suite = root.find("testsuite")
            cases = suite.findall("testcase")
            print(root.get("failures"), suite.get("tests"), suite.get("skipped"), suite.get("time"), len(cases),
                  cases[1].find("failure").get("message"), cases[2].find("skipped") is not None, sep="|")
            """
        let result = try await Subprocess.run(
            .name("python3"), arguments: ["-c", script], input: .string(text), output: .string(limit: 1 << 16),
            error: .string(limit: 1 << 16))
        #expect(result.standardOutput == "1|4|1|6.000|4|<\"a\" & 'b'>?\nsecond line|True\n", "\(result.standardError)")
    }
}
