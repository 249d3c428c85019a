// SPDX-License-Identifier: Apache-2.0

import ImpresarioClient
import ImpresarioModel

/// Follows a drain, which is many operations, by looking at the host.
struct DrainWatch {
    let client: Client
    let host: String
    let timeout: TimeToLive?

    /// The host when it is drained; what is left, and what is in the way, is told as it changes.
    ///
    /// - Throws: `wait-timed-out`; `conflict` when somebody ended the drain.
    func end() async throws -> HostDetail {
        let deadline = timeout.map { ContinuousClock.now + .seconds($0.seconds) }
        var told = ""
        while true {
            let detail = try await client.host(host)
            switch detail.host.state {
            case .cordoned where detail.nodes.isEmpty:
                Surroundings.current.note("host \(host) is drained")
                return detail
            case .draining: break
            case .cordoned, .ready:
                throw Problem(.conflict, "The drain of host '\(host)' was ended: it is \(detail.host.state.rawValue).")
            }
            let reasons = detail.blocked.map { "\n  \($0.tenant)/\($0.project)/\($0.cluster): \($0.problem.message)" }.joined()
            let line = "\(detail.nodes.count) nodes left on \(host)\(reasons)"
            if line != told { Surroundings.current.note(line) }
            told = line
            if let deadline, ContinuousClock.now >= deadline {
                throw Problem(
                    .waitTimedOut, "Host '\(host)' is not drained yet.", remedy: "The drain goes on: imp host show \(host).")
            }
            try await Task.sleep(for: .seconds(1))
        }
    }
}
