// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// When a version that keeps ending its processes is put into quarantine: a value without clocks, one for each version.
///
/// The rule: ``ends`` ends by its own fault within ``window`` and no call that ended well between them. While another tenant's calls ended well
/// within ``memory``, one tenant's crashes quarantine nothing: whoever finds an input that a plugin cannot bear must not take it away from
/// all others. That tenant's calls are then only held back.
struct CrashLoopRule {
    static let ends = 5
    static let window = Duration.seconds(60)
    static let memory = Duration.seconds(600)

    private var crashes: [(tenant: ID<Tenant>, at: ContinuousClock.Instant)] = []
    private var lastGood: [ID<Tenant>: ContinuousClock.Instant] = [:]

    var isEmpty: Bool { crashes.isEmpty && lastGood.isEmpty }

    /// A call of any kind ended with its process alive.
    mutating func endedWell(for tenant: ID<Tenant>, at now: ContinuousClock.Instant) {
        crashes.removeAll()
        lastGood[tenant] = now
    }

    /// A process ended by the plugin's fault.
    ///
    /// - Returns: whether the version is to be quarantined.
    mutating func ended(for tenant: ID<Tenant>, at now: ContinuousClock.Instant) -> Bool {
        crashes.removeAll { $0.at < now - Self.window }
        crashes.append((tenant, now))
        lastGood = lastGood.filter { $0.value > now - Self.memory }
        guard crashes.count >= Self.ends else { return false }
        let crashing = Set(crashes.map(\.tenant))
        return !lastGood.keys.contains { !crashing.contains($0) }
    }
}
