// SPDX-License-Identifier: Apache-2.0

import Foundation
import GuestTesting
import ImpresarioModel
import ImpresarioPlugins
import Testing

@Suite struct InspectionTests {
    @Test func aGoodLibraryTellsWhatItIs() async throws {
        try await GuestFixture.with { fixture in
            let file = fixture.folder.appending(path: "probe.so").path
            let inspection = try await fixture.pool.inspect(library: file)
            let manifest = inspection.manifest
            #expect(manifest.id == "probe" && manifest.version == "1.2.3" && manifest.packages == ["tini", "runit"])
            let type = try #require(manifest.types.first)
            #expect(type.description == "A \"quoted\" word,\nand a second line.")
            #expect(type.capabilities == ["grow", "shrink"])
            #expect(type.createSchema["properties"]?["do"]?["type"] == "string")
            #expect(type.verbs == ["validate", "plan", "bootstrap", "health", "destroy"])
            #expect(type.operations.map(\.id) == ["all-kinds", "peek", "refuse", "add-one"])
            #expect(type.operations[1].isReadOnly && type.operations[1].since == "1.0.0")
            #expect(type.operations[0].parameters[2].defaultValue == 7)
            #expect(try await fixture.pool.inspect(library: file).sha256 == inspection.sha256)
            #expect(inspection.sha256.count == 64)
            #expect(
                inspection.sandbox.map(\.name) == SandboxPolicy.layers)
        }
    }

    @Test(arguments: [
        ("NO_ENTRY", "plugin-invalid", "does not export imp_plugin_v0"), ("ANSWERS_NULL", "plugin-invalid", "answers NULL"),
        ("SMALL", "plugin-invalid", "struct_size is too small"), ("NEWER", "plugin-invalid", "ABI minor 1000"),
        ("NO_DESTROY", "plugin-invalid", "destroy are required"), ("ID=\"No-Label\"", "plugin-invalid", "types[0].id is not a DNS label"),
        ("SCHEMA=\"{\"", "plugin-invalid", "create_schema of type 'broken' cannot be used: it is not JSON"),
        ("SCHEMA=\"[]\"", "plugin-invalid", "not a JSON object"),
        ("SCHEMA=\"{\\\"type\\\":\\\"object\\\",\\\"$ref\\\":\\\"http://x\\\"}\"", "plugin-invalid", "refers to 'http://x'"),
        ("DEFAULT=\"-1\"", "plugin-invalid", "its default is wrong"),
        ("DEFAULT=0", "plugin-invalid", "which an optional number must not be"),
        ("TWICE", "plugin-invalid", "types[1].id is taken"), ("FAIL_INIT", "plugin-invalid", "init answered status 11: not today"),
        ("EXIT_IN_CONSTRUCTOR", "plugin-crashed", "exit code 3 during loading"), ("CRASH_IN_CONSTRUCTOR", "plugin-crashed", "SIGABRT"),
    ])
    func aMistakeIsNamed(macro: String, code: String, words: String) async throws {
        try await GuestFixture.with { fixture in
            let file = try await GuestFixture.build("broken", into: fixture.folder, flags: ["-D\(macro)", "-Wno-unused"])
            let problem = await #expect(throws: Problem.self) { try await fixture.pool.inspect(library: file) }
            #expect(problem?.code == code)
            #expect(problem?.message.contains(words) == true, "\(problem?.message ?? "")")
        }
    }

    @Test func aConstructorThatHangsIsEnded() async throws {
        var options = GuestOptions()
        options.startTimeout = .milliseconds(300)
        try await GuestFixture.with(options: options) { fixture in
            let file = try await GuestFixture.build("broken", into: fixture.folder, flags: ["-DHANG_IN_CONSTRUCTOR", "-Wno-unused"])
            let problem = await #expect(throws: Problem.self) { try await fixture.pool.inspect(library: file) }
            #expect(problem?.code == "plugin-unavailable")
            #expect(fixture.pool.guestCount == 0)
        }
    }

    @Test func whatIsNoLibraryIsRefused() async throws {
        try await GuestFixture.with { fixture in
            let text = fixture.folder.appending(path: "text.so").path
            try Data("not a library".utf8).write(to: URL(fileURLWithPath: text))
            let problem = await #expect(throws: Problem.self) { try await fixture.pool.inspect(library: text) }
            #expect(problem?.code == "plugin-invalid")
            #expect(problem?.message.contains("cannot be loaded") == true)
            let absent = await #expect(throws: Problem.self) { try await fixture.pool.inspect(library: text + "x") }
            #expect(absent?.code == "plugin-invalid" && absent?.owner == .admin)
        }
    }

    @Test func theEntryOfAnotherLibraryDoesNotCount() async throws {
        try await GuestFixture.with { fixture in
            let file = try await GuestFixture.build(
                "broken", into: fixture.folder,
                flags: ["-DNO_ENTRY", "-Wl,--no-as-needed", fixture.folder.appending(path: "probe.so").path, "-Wl,-rpath,$ORIGIN"])
            let problem = await #expect(throws: Problem.self) { try await fixture.pool.inspect(library: file) }
            #expect(problem?.facts?["reason"] == "no-entry" || problem?.facts?["reason"] == "load")
        }
    }

    @Test func aRequiredLayerThatIsMissingIsFatal() async throws {
        var options = GuestOptions()
        options.requiredLayers = ["seccomp", "moat"]
        try await GuestFixture.with(options: options) { fixture in
            let problem = await #expect(throws: Problem.self) {
                try await fixture.pool.inspect(library: fixture.folder.appending(path: "probe.so").path)
            }
            #expect(problem?.code == "sandbox-missing" && problem?.owner == .admin)
            #expect(problem?.message.contains("'moat'") == true)
        }
    }
}
