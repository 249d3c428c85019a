// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioBroker
import ImpresarioModel
import ImpresarioPlugins
import ImpresarioStore
import Testing

@Suite("Installing a plugin")
struct InstallTests {
    @Test("keeps a copy under its hash, records it with its sandbox, and uses it for nothing")
    func installed() async throws {
        try await BrokerFixture.with { fixture in
            let (plugin, isNew) = try await fixture.install(FakePluginRuntime.library("2.0.0"))
            #expect(isNew && plugin.state == .installed && plugin.approvedPackages == [])
            #expect(plugin.sandbox.map(\.name) == ["fake"])
            #expect(fixture.library.contains(hash: plugin.pin.sha256))
            #expect(
                try Data(contentsOf: URL(fileURLWithPath: fixture.library.path(ofHash: plugin.pin.sha256)))
                    == FakePluginRuntime.library("2.0.0"))
            #expect(try fixture.versions() == ["1.0.0": .enabled, "2.0.0": .installed])
            #expect(try fixture.broker.type("sample", for: BrokerFixture.member).plugin.version == "1.0.0")
            #expect(try await fixture.ready("web").plugin.version == "1.0.0")
            #expect(try await fixture.events("plugin.installed").count == 1)

            let again = try await fixture.install(FakePluginRuntime.library("2.0.0"))
            #expect(!again.isNew && again.plugin == plugin)
            // A copy that was lost comes back by installing the file again.
            fixture.library.remove(hash: plugin.pin.sha256)
            #expect(try await !fixture.install(FakePluginRuntime.library("2.0.0")).isNew)
            #expect(fixture.library.contains(hash: plugin.pin.sha256))
        }
    }

    @Test("is for admins, who may see what there is")
    func denied() async throws {
        try await BrokerFixture.with { fixture in
            let problem = try await refusal { try await fixture.install(FakePluginRuntime.library("2.0.0"), as: BrokerFixture.member) }
            #expect(problem.is(.denied))
            #expect(try await refusal { try fixture.broker.plugin("sample", for: BrokerFixture.member) }.is(.denied))
            #expect(try await refusal { try fixture.broker.plugin("nope", for: BrokerFixture.admin) }.is(.notFound))
        }
    }

    @Test("of what cannot be loaded or has no place leaves nothing behind")
    func refused() async throws {
        try await BrokerFixture.with { fixture in
            let before = try FileManager.default.contentsOfDirectory(atPath: fixture.library.folder)
            #expect(try await refusal { try await fixture.install(Data("no manifest".utf8)) }.is(.pluginInvalid))
            #expect(try await refusal { try await fixture.install(Data()) }.is(.invalidBody))
            let sameVersion = try await refusal { try await fixture.install(FakePluginRuntime.library("1.0.0", packages: [])) }
            #expect(sameVersion.is(.exists) && sameVersion.remedy?.contains("version of its own") == true)
            let sameType = try await refusal {
                try await fixture.install(FakePluginRuntime.library(id: "other", types: ["new", "sample"]))
            }
            #expect(sameType.is(.exists) && sameType.message.contains("'sample'"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.library.folder) == before)
            #expect(try fixture.versions() == ["1.0.0": .enabled])
            #expect(fixture.plugins.registered.count == 1)
        }
    }

    @Test("by the plugin folder enables what is new, and only installs another version of what is known")
    func found() async throws {
        let (store, plugins) = (MemoryStore(), FakePluginRuntime())
        let libraries = [try FakePluginRuntime.library("1.0.0")]
        try await BrokerFixture.with(store: store, plugins: plugins, libraries: libraries) { fixture in
            let plugin = try fixture.broker.plugin("sample", for: BrokerFixture.admin)
            #expect(plugin.versions.map(\.approvedPackages) == [["sample-server"]])
        }
        let more =
            try libraries + [
                FakePluginRuntime.library("1.1.0"), FakePluginRuntime.library("1.0.0", packages: []),
                FakePluginRuntime.library(id: "other"),
            ]
        try await BrokerFixture.with(store: store, plugins: plugins, libraries: more, unusable: ["already-exists", "already-exists"]) {
            fixture in
            let versions = try fixture.versions()
            #expect(versions == ["1.0.0": .enabled, "1.1.0": .installed])
            // The first start's library folder is gone: both are there again, from the plugin folder.
            #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.library.folder).count == 2)
        }
    }

    @Test("that was cut short leaves nothing after the next start")
    func interrupted() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "impresario-library-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let library = PluginLibrary(folder: folder)
        let left = try library.receive()
        try left.write(Data("half".utf8))
        // As a process that was killed leaves it: without the object's end.
        try FileManager.default.copyItem(
            atPath: URL(fileURLWithPath: left.path).deletingLastPathComponent().path, toPath: folder + "/.arriving-x")
        try Data("kept, not recorded".utf8).write(to: URL(fileURLWithPath: library.path(ofHash: "abcd")))
        try await BrokerFixture.with(library: folder) { fixture in
            let plugin = try fixture.broker.plugin("sample", for: BrokerFixture.admin).versions[0]
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["\(plugin.pin.sha256).so"])
        }
    }
}
