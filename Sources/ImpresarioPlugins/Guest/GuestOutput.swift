// SPDX-License-Identifier: Apache-2.0

/// What a guest writes to stdout and stderr: split into lines, bounded in length and rate, and its last lines kept for the report of a crash.
struct GuestOutput {
    static let lineLimit = 512
    static let keptLines = 20

    private var partial: [UInt8] = []
    private(set) var tail: [String] = []
    private var rate: RateLimit

    init(now: ContinuousClock.Instant) { rate = RateLimit(burst: 100, perSecond: 50, now: now) }

    /// - Returns: lines for the log.
    mutating func add(_ bytes: some Sequence<UInt8>, now: ContinuousClock.Instant) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                if let line = flush(now: now) { lines.append(line) }
            } else if partial.count < Self.lineLimit {
                partial.append(byte)
            }
        }
        return lines
    }

    /// Ends the line that is being read.
    mutating func flush(now: ContinuousClock.Instant) -> String? {
        guard !partial.isEmpty else { return nil }
        let line = String(decoding: partial, as: UTF8.self)
        partial.removeAll(keepingCapacity: true)
        tail.append(line)
        if tail.count > Self.keptLines { tail.removeFirst() }
        return rate.allows(at: now) ? line : nil
    }
}

/// A bucket that fills with time: `burst` at once, then `perSecond`.
struct RateLimit {
    private let burst: Double
    private let perSecond: Double
    private var level: Double
    private var last: ContinuousClock.Instant
    /// How many were refused.
    private(set) var dropped = 0

    init(burst: Double, perSecond: Double, now: ContinuousClock.Instant) {
        self.burst = burst
        self.perSecond = perSecond
        level = burst
        last = now
    }

    mutating func allows(at now: ContinuousClock.Instant) -> Bool {
        level = min(burst, level + (now - last) / .seconds(1) * perSecond)
        last = now
        guard level >= 1 else {
            dropped += 1
            return false
        }
        level -= 1
        return true
    }
}
