// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import ImpresarioPlugins
import Logging
import Testing

@testable import impresario

@Suite("Settings of a broker")
struct SettingsTests {
    private func settings(
        flags: [String: String] = [:], environment: [String: String] = [:], file: String? = nil
    ) throws -> Settings {
        guard let file else { return try Settings(flags: flags, environment: environment, file: nil) }
        let path = NSTemporaryDirectory() + "impresario-settings-\(UUID().uuidString).yaml"
        try Data(file.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try Settings(flags: flags, environment: environment, file: path)
    }

    @Test("have defaults")
    func defaults() throws {
        #expect(try settings() == Settings(flags: [:], environment: [:], file: nil))
        #expect(try settings().listen == "127.0.0.1:7070")
        #expect(try settings(file: "").data == "/var/lib/impresario")
    }

    @Test("come from flags, then the environment, then the file")
    func precedence() throws {
        let file = "listen: 127.0.0.1:1\nlog-level: debug\ncpu-overcommit: 200\nhosts: east,west\n"
        let environment = ["IMPRESARIO_LISTEN": "127.0.0.1:2", "IMPRESARIO_LOG_LEVEL": "error", "IMPRESARIO_TOKEN": "not ours"]
        let all = try settings(flags: ["listen": "127.0.0.1:3"], environment: environment, file: file)
        #expect(all.listen == "127.0.0.1:3" && all.logLevel == .error && all.cpuOvercommit == 200 && all.hosts == ["east", "west"])
        #expect(try settings(environment: environment, file: file).listen == "127.0.0.1:2")
        #expect(try settings(file: file).listen == "127.0.0.1:1")
    }

    @Test("of guests and of the broker's rounds come from the file too")
    func guests() throws {
        let all = try settings(file: "sandbox: none,seccomp\nguest-memory: 1Gi\nguest-start: 5s\nguest-idle: 2s\nhealth-interval: 1s\n")
        #expect(all.sandbox.required == ["seccomp"] && all.guestMemory == 1 << 30)
        #expect(all.guestStart == .seconds(5) && all.guestIdle == .seconds(2) && all.healthInterval == .seconds(1))
    }

    @Test(
        "that are wrong are refused with source and name",
        arguments: [
            (["log-format": "xml"], [:], "--log-format"), ([:], ["IMPRESARIO_CPU_OVERCOMMIT": "many"], "IMPRESARIO_CPU_OVERCOMMIT"),
            (["sandbox": "moat"], [:], "--sandbox"), (["guest-memory": "1Mi"], [:], "--guest-memory"),
            ([:], ["IMPRESARIO_GUEST_START": "soon"], "IMPRESARIO_GUEST_START"), (["guest-idle": "-1s"], [:], "--guest-idle"),
            (["health-interval": "0s"], [:], "--health-interval"), (["hosts": "a,,b"], [:], "--hosts"), (["hosts": "a,a"], [:], "--hosts"),
            (["log-level": "loud"], [:], "--log-level"), (["tls-key": "/k"], [:], "TLS certificate and its key"),
        ] as [([String: String], [String: String], String)])
    func refusals(_ flags: [String: String], _ environment: [String: String], _ words: String) {
        let problem = #expect(throws: Problem.self) { try settings(flags: flags, environment: environment) }
        #expect(problem?.is(.invalidUsage) == true)
        #expect(problem?.message.contains(words) == true, "\(String(describing: problem))")
    }

    @Test(
        "in a file that is damaged or holds unknown names are refused with its path",
        arguments: ["a: [", "lisen: x", "listen: {a: 1}", "- x"])
    func files(_ text: String) {
        let problem = #expect(throws: Problem.self) { try settings(file: text) }
        #expect(problem?.message.contains("impresario-settings-") == true, "\(String(describing: problem))")
    }

    @Test("in a file that is not there are refused")
    func missing() {
        #expect(throws: Problem.self) { try Settings(flags: [:], environment: [:], file: "/nowhere/x.yaml") }
    }
}
