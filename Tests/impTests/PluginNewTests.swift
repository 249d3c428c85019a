// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Testing

@testable import imp

@Suite("imp plugin new")
struct PluginNewTests {
    /// A share folder with one template, in a fixture's folder.
    private static func with(_ body: (CommandFixture, _ share: String) async throws -> Void) async throws {
        try await CommandFixture.with { fixture in
            var fixture = fixture
            let share = fixture.folder + "/share"
            let folder = share + "/templates/c/src"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data("@NAME@ @IDENT@ @ENV@ @TYPE@ @SHARE@ @OTHER@\n".utf8).write(to: URL(filePath: folder + "/@IDENT@.c"))
            try Data("#!/bin/sh\n".utf8).write(to: URL(filePath: share + "/templates/c/run"))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: share + "/templates/c/run")
            fixture.environment["IMPRESARIO_SHARE"] = share
            try await body(fixture, share)
        }
    }

    @Test("fills the names into files and their names, and says what to type next")
    func fills() async throws {
        try await Self.with { fixture, share in
            let target = fixture.folder + "/made/here"
            let made = await fixture.run("plugin", "new", "--language", "c", "key-value", "--into", target)
            #expect(made.status == .success, "\(made.err)")
            #expect(made.out.contains("cd \(target)\n") && made.out.contains("make verify"))
            let text = try String(contentsOfFile: target + "/src/key_value.c", encoding: .utf8)
            #expect(text == "key-value key_value KEY_VALUE KeyValue \(share) @OTHER@\n")
            #expect(try FileManager.default.attributesOfItem(atPath: target + "/run")[.posixPermissions] as? Int == 0o755)
            #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.folder + "/made") == ["here"])

            // What somebody works on is not overwritten; an empty folder is taken.
            let again = await fixture.run("plugin", "new", "--language", "c", "key-value", "--into", target)
            #expect(again.status == .usage && again.err.contains("is not empty"))
            let empty = fixture.folder + "/empty"
            try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
            #expect(await fixture.run("plugin", "new", "--language", "c", "x", "--into", empty).status == .success)
            let file = await fixture.run("plugin", "new", "--language", "c", "x", "--into", empty + "/run")
            #expect(file.status == .usage && file.err.contains("is no folder"))
        }
    }

    @Test(
        "refuses names that no plugin can have",
        arguments: ["", "Big", "a_b", "-a", "9lives", "a/b", "..", String(repeating: "a", count: 64)])
    func names(_ name: String) async throws {
        try await Self.with { fixture, _ in
            let target = fixture.folder + "/x"
            let outcome = await fixture.run("plugin", "new", "--language", "c", "--into", target, "--", name)
            #expect(outcome.status != .success && outcome.err.hasPrefix("error: "))
            #expect(!FileManager.default.fileExists(atPath: target))
        }
    }

    @Test("finds what is installed beside the program, then the sources it was built from")
    func share() async throws {
        try await CommandFixture.with { fixture in
            let prefix = fixture.folder + "/prefix"
            let program = URL(filePath: prefix + "/bin/imp")
            let nowhere = #expect(throws: Problem.self) { try SharedFolder.find(environment: [:], program: program) }
            #expect(nowhere?.message.contains(prefix + "/share/impresario/templates") == true)
            let built = URL(filePath: fixture.folder + "/repo/.build/debug/imp")
            for path in [prefix + "/share/impresario", fixture.folder + "/repo/Sources/SDK"] {
                try FileManager.default.createDirectory(atPath: path + "/templates", withIntermediateDirectories: true)
            }
            #expect(try SharedFolder.find(environment: [:], program: program) == prefix + "/share/impresario")
            #expect(try SharedFolder.find(environment: [:], program: built) == fixture.folder + "/repo/Sources/SDK")
            #expect(throws: Problem.self) { try SharedFolder.find(environment: ["IMPRESARIO_SHARE": prefix], program: program) }
        }
    }
}
