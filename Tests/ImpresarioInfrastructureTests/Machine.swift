// SPDX-License-Identifier: Apache-2.0

import Foundation
import Subprocess

/// The machine that the tests run on, asked from outside of the driver.
enum Machine {
    static func shell(_ script: String) async -> String {
        let result = try? await Subprocess.run(
            .name("bash"), arguments: ["-c", "export PATH=$PATH:/usr/sbin:/sbin; exec 2>&1; \(script)"], output: .string(limit: 1 << 20))
        return result?.standardOutput ?? ""
    }

    /// Listens on a free port of all addresses and on one of the loopback while the body runs.
    static func listen<Value>(_ body: ([Int]) async throws -> Value) async throws -> Value {
        let sockets = ["0.0.0.0", "127.0.0.1"].map { address -> (descriptor: Int32, port: Int) in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_addr.s_addr = inet_addr(address)
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutablePointer(to: &name) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = bind(descriptor, $0, length)
                    _ = Glibc.listen(descriptor, 8)
                    _ = getsockname(descriptor, $0, &length)
                }
            }
            return (descriptor, Int(UInt16(bigEndian: name.sin_port)))
        }
        defer { for socket in sockets { close(socket.descriptor) } }
        return try await body(sockets.map(\.port))
    }
}

struct TooLate: Error {}

/// Asks until it is so; gives up after a while.
func until(_ limit: Duration = .seconds(15), _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw TooLate() }
        try await Task.sleep(for: .milliseconds(50))
    }
}
