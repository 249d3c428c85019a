// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioClient
import ImpresarioModel
import Synchronization
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Asks a broker again and again while others attack it: whether it is ready, and a call of a plugin that does nothing wrong, for a tenant that
/// does nothing wrong.
final class Watch: Sendable {
    struct Seen: Sendable {
        var answers = 0
        var longest = Duration.zero
        /// What was not as ever.
        var failures: [String] = []
    }

    private let state = Mutex(Seen())

    var seen: Seen { state.withLock { $0 } }

    /// Until the task is cancelled.
    func run(_ calm: Attacker) async {
        while !Task.isCancelled {
            await ask {
                let (_, answer) = try await URLSession.shared.data(from: try #require(URL(string: calm.address + "/readyz")))
                let status = (answer as? HTTPURLResponse)?.statusCode
                return status == 200 ? nil : "readyz: \(status ?? 0)"
            }
            await ask {
                let code = await calm.provoke("calm").code
                return code == "calm.calm" ? nil : "calm: \(code)"
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    private func ask(_ question: () async throws -> String?) async {
        let start = ContinuousClock.now
        let failure: String?
        do { failure = try await question() } catch { failure = String(describing: error) }
        if Task.isCancelled { return }
        let took = start.duration(to: .now)
        state.withLock { seen in
            seen.answers += 1
            seen.longest = max(seen.longest, took)
            if let failure { seen.failures.append(failure) }
        }
    }
}

/// What a broker has of the machine.
struct Footprint {
    var descriptors: Int
    /// Bytes.
    var resident: Int

    init(of process: Int32) throws {
        descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count
        let status = try #require(try FileHandle(forReadingAtPath: "/proc/\(process)/status")?.readToEnd())
        let line = try #require(String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        resident = try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) }) << 10
    }
}

/// A member of a tenant who asks for clusters of hostile types; Sendable, unlike an installation.
struct Attacker: Sendable {
    let account: Account
    let address: String
    private let parameters: JSONValue

    init(_ installation: Installation, _ account: Account) throws {
        self.account = account
        address = try installation.address
        parameters = ["data": .string(installation.data), "broker": .string("\(installation.broker?.processIdentifier ?? 0)")]
    }

    /// Has the plugin of this name called for a new cluster, which none of them lets come into being.
    func provoke(_ name: String) async -> Problem {
        do {
            _ = try await Client.with(.init(server: try ServerAddress(address), token: account.token)) { client in
                try await client.createCluster(NewCluster(name: "victim", type: name, parameters: parameters), in: account.scope)
            }
            return Problem(.internal, "A cluster was made.")
        } catch { return Problem(wrapping: error) }
    }
}
