// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioBroker
import ImpresarioModel

/// The file with which `imp` on the same machine is an admin: mode 0600, written at the first start and whenever it is missing or does not work.
struct AdminToken {
    let path: String

    func provide(by broker: Broker) async throws(Problem) {
        if let text = try? String(contentsOfFile: path, encoding: .utf8),
            (try? broker.authenticate(bearer: text.trimmingCharacters(in: .whitespacesAndNewlines))) != nil
        {
            return
        }
        let secret = try await broker.makeAdminToken(named: "local-admin")
        // Readable by nobody else from the moment it exists.
        let aside = path + ".new"
        unlink(aside)
        let file = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure }
        let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
        do { try handle.write(contentsOf: Data((secret + "\n").utf8)) } catch { throw failure }
        guard fsync(file) == 0, rename(aside, path) == 0 else { throw failure }
    }

    private var failure: Problem {
        Problem(.storeFailed, "The admin token cannot be written to \(path).", detail: String(cString: strerror(errno)))
    }
}

/// Tells `imp` on the same machine where the broker answers.
struct AddressFile: Sendable {
    let path: String

    func write(_ address: String) { try? Data((address + "\n").utf8).write(to: URL(fileURLWithPath: path), options: .atomic) }
    func remove() { unlink(path) }
}
