// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import ImpresarioStore
import Testing

@Suite struct DataFolderTests {
    @Test func isMadeForItsOwnerAloneAndKeepsItsInstallation() async throws {
        try await withFolder { parent in
            let path = parent + "/a/b"
            let installation = try hold(path) { folder throws in
                #expect(mode(path) == 0o700)
                #expect(mode(folder.keyPath) == 0o600)
                #expect(try FileManager.default.attributesOfItem(atPath: folder.keyPath)[.size] as? Int == 32)
                #expect(folder.installation.utf8.count == 11 && folder.installation.hasPrefix("i"))
                #expect(Name.isValid(folder.installation))
                return folder.installation
            }
            try hold(path) { #expect($0.installation == installation) }
            try hold(parent + "/other") { #expect($0.installation != installation) }
        }
    }

    @Test func aSecondBrokerIsToldWhoHoldsIt() async throws {
        try await withFolder { parent in
            let path = parent + "/data"
            try hold(path) { _ in
                let problem = #expect(throws: Problem.self) { try DataFolder(path: path) }
                #expect(problem?.message == "The data folder \(path) is in use by another broker (pid \(getpid())).")
            }
            try hold(path) { _ in }
        }
    }

    @Test func theLockGoesWithTheProcess() async throws {
        try await withFolder { parent in
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = parent + "/data" as String] in
                let folder = try DataFolder(path: path)
                withExtendedLifetime(folder) { _ = kill(getpid(), SIGKILL) }
            }
            try hold(parent + "/data") { _ in }
        }
    }

    @Test func whatIsLooseDamagedOrMissingIsRefusedWithTheRemedy() async throws {
        try await withFolder { parent in
            let path = parent + "/data"
            func refusal(_ message: String, remedy: String?) {
                let problem = #expect(throws: Problem.self) { try DataFolder(path: path) }
                #expect(problem?.message == message)
                #expect(problem?.remedy == remedy)
            }
            let key = path + "/secret.key"
            try hold(path) { _ in }

            chmod(path, 0o755)
            refusal("The data folder \(path) can be entered by others (mode 755).", remedy: "chmod 700 \(path)")
            chmod(path, 0o700)

            chmod(key, 0o640)
            refusal("The key file \(key) can be read by others (mode 640).", remedy: "chmod 600 \(key)")
            chmod(key, 0o600)

            let content = try Data(contentsOf: URL(fileURLWithPath: key))
            for wrong in [content.dropLast(), content + Data([1]), Data()] {
                try overwrite(key, wrong)
                refusal("The key file \(key) does not hold a key of exactly 32 bytes.", remedy: "Restore it from a backup.")
            }
            try overwrite(key, content)
            try hold(path) { _ in }

            try Data().write(to: URL(fileURLWithPath: path + "/store.sqlite"))
            unlink(key)
            refusal(
                "The key file \(key) is missing and the store beside it was sealed with it.",
                remedy: "Restore the key file from a backup.")
            symlink("/etc/hostname", key)
            #expect(throws: Problem.self) { try DataFolder(path: path) }
            unlink(key)
            try overwrite(key, content)

            try Data("x\n".utf8).write(to: URL(fileURLWithPath: path + "/installation"))
            #expect(throws: Problem.self) { try DataFolder(path: path) }
        }
    }

    @Test func anEmptyFolderMadeByTheAdminIsTakenAndTightened() async throws {
        try await withFolder { parent in
            mkdir(parent + "/data", 0o755)
            try hold(parent + "/data") { #expect(mode($0.path) == 0o700) }
            try Data().write(to: URL(fileURLWithPath: parent + "/file"))
            #expect(throws: Problem.self) { try DataFolder(path: parent + "/file") }
        }
    }
}

private func hold<Value>(_ path: String, _ body: (DataFolder) throws -> Value) throws -> Value {
    let folder = try DataFolder(path: path)
    return try withExtendedLifetime(folder) { try body(folder) }
}

private func mode(_ path: String) -> mode_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
}

private func overwrite(_ path: String, _ content: Data) throws {
    unlink(path)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    defer { close(descriptor) }
    let written = content.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    #expect(written == content.count)
}
