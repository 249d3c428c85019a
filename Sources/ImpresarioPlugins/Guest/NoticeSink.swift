// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Logging
import Synchronization

/// Where the one-way messages of a call go: rate-limited, parsed, then to the caller's services.
final class NoticeSink: Sendable {
    private struct Rates {
        var log: RateLimit
        var event: RateLimit
        var progress: RateLimit
        var isDropTold = false
        /// Held back by the rate; the last one is told in the end.
        var heldProgress: (Int, String)?
    }

    private let services: any HostServices
    private let verbClass: PluginVerb.Class
    private let rates: Mutex<Rates>

    init(services: any HostServices, verbClass: PluginVerb.Class, now: ContinuousClock.Instant) {
        self.services = services
        self.verbClass = verbClass
        rates = Mutex(
            Rates(
                log: RateLimit(burst: 100, perSecond: 50, now: now), event: RateLimit(burst: 20, perSecond: 5, now: now),
                progress: RateLimit(burst: 20, perSecond: 10, now: now)))
    }

    func take(_ notice: Notice) {
        switch notice {
        case .log(let severity, let message, let fields):
            let (isAllowed, isFirstDrop) = rates.withLock { rates in
                let isAllowed = rates.log.allows(at: .now)
                defer { if !isAllowed { rates.isDropTold = true } }
                return (isAllowed, !isAllowed && !rates.isDropTold)
            }
            if isAllowed { services.log(severity: severity, message: message, fields: Self.object(fields)) }
            if isFirstDrop { services.log(severity: 4, message: "The plugin logs too much; lines are dropped.", fields: nil) }
        case .progress(let per10000, let phase):
            guard verbClass != .pure else { return }
            let isAllowed = rates.withLock { rates in
                let isAllowed = rates.progress.allows(at: .now)
                rates.heldProgress = isAllowed ? nil : (per10000, phase)
                return isAllowed
            }
            if isAllowed { services.progress(per10000, phase: phase) }
        case .event(let type, let json):
            guard verbClass != .pure, Name.isValid(type), rates.withLock({ $0.event.allows(at: .now) }) else { return }
            services.event(type, data: Self.object(json) ?? .object([:]))
        }
    }

    /// The call is over.
    func flush() {
        guard let (per10000, phase) = rates.withLock({ $0.heldProgress }) else { return }
        services.progress(per10000, phase: phase)
    }

    /// Notices of init, which belong to no call.
    static func write(_ notice: Notice, to log: Logger) {
        if case .log(_, let message, _) = notice { log.info("plugin says", metadata: ["message": "\(message)"]) }
    }

    private static func object(_ json: String) -> JSONValue? {
        guard !json.isEmpty, let value = try? CanonicalJSON.decode(JSONValue.self, from: Data(json.utf8)), value.object != nil else {
            return nil
        }
        return value
    }
}
