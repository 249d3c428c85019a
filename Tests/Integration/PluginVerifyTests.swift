// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Testing

extension RealEngines {
    /// `imp plugin verify` of a plugin that is known to be good, on real nodes.
    @Suite(.serialized) struct PluginVerifyTests {
        @Test(.timeLimit(.minutes(10))) func `the swarm plugin gets the top grade and leaves nothing behind`() async throws {
            let programs = Machine.products.path
            let folder = "/var/tmp/impresario-verify-test-\(UInt32.random(in: 0 ... .max))"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let before = try await Machine.shell("ls /var/tmp/impresario-verify 2>/dev/null | sort").text
            let answer = try await Machine.shell(
                """
                cd \(folder)
                '\(programs)/imp' plugin verify '\(programs)/libswarm.so' --nodes local --junit junit.xml --output json >report.json
                echo "exit $?"
                """, ["IMPRESARIO_CACHE": Prerequisites.cache])
            #expect(answer.lines.last == "exit 0", "\(answer.text)")
            let report: JSONValue = try CanonicalJSON.decode(from: Data(contentsOf: URL(filePath: "\(folder)/report.json")))
            let failed = (report["checks"]?.array ?? []).filter { $0["result"] != "passed" }
            #expect(report["grade"] == "A", "\(failed)")
            #expect(report["nodes"] == "local")
            let junit = try String(contentsOfFile: "\(folder)/junit.xml", encoding: .utf8)
            #expect(junit.contains("failures=\"0\"") && junit.contains("name=\"bootstrap: killed, then again\""))
            #expect(try await Machine.shell("ls /var/tmp/impresario-verify 2>/dev/null | sort").text == before)
        }
    }
}
