// SPDX-License-Identifier: Apache-2.0

/// Clients that do the same thing again and again until the time is over.
struct Load {
    let perSecond: Double
    /// Sorted.
    let latencies: [Duration]

    /// - Parameter request: called with the client's number and a count that grows by one; a round under way when time is over is counted too.
    static func run(
        clients: Int, for span: Duration, request: @escaping @Sendable (_ client: Int, _ round: Int) async throws -> Void
    ) async throws -> Load {
        let clock = ContinuousClock()
        let start = clock.now
        let latencies = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for client in 0..<clients {
                group.addTask {
                    var latencies: [Duration] = []
                    var now = clock.now
                    while now - start < span {
                        try Interruption.check()
                        try await request(client, latencies.count)
                        let end = clock.now
                        latencies.append(end - now)
                        now = end
                    }
                    return latencies
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        return Load(perSecond: Double(latencies.count) / ((clock.now - start) / .seconds(1)), latencies: latencies.sorted())
    }

    /// Milliseconds; 0.5 is the median.
    func percentile(_ part: Double) -> Double {
        guard !latencies.isEmpty else { return 0 }
        return latencies[min(latencies.count - 1, Int(Double(latencies.count) * part))] / .milliseconds(1)
    }

    func report(_ name: String, to report: Report) {
        report.figure("\(name).rate", perSecond, "1/s")
        report.figure("\(name).p50", percentile(0.5), "ms")
        report.figure("\(name).p99", percentile(0.99), "ms")
    }
}
