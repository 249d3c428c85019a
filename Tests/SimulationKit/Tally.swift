// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One run and how to see it again.
struct Work: Codable {
    var name: String
    var replay: String
    var operations: Int
    var decided: Int
    var deaths: Int
    var commits: Int
    var digest: UInt64
    var seconds: Int64
    var violations: [String]
    var story: [String]

    init(name: String, replay: String, outcome: Outcome) {
        self.name = name
        self.replay = replay
        operations = outcome.operations
        decided = outcome.decided
        deaths = outcome.deaths
        commits = outcome.commits
        digest = outcome.digest
        seconds = outcome.seconds
        violations = outcome.violations
        story = outcome.story
    }

    var line: String { (try? JSONEncoder().encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "" }

    init?(_ line: String) {
        guard let work = try? JSONDecoder().decode(Work.self, from: Data(line.utf8)) else { return nil }
        self = work
    }
}

/// The sum of all runs.
struct Tally {
    var broken: [String] = []
    var showsDigest = false
    private var (seeds, interrupted, operations, decided, deaths, commits, violations) = (0, 0, 0, 0, 0, 0, 0)
    private var digest: UInt64 = 0
    private var seconds: Int64 = 0
    private var told = 0
    private let start = Date()

    mutating func add(_ work: Work, tells: Bool) {
        if work.name.hasPrefix("seed") { seeds += 1 } else { interrupted += 1 }
        operations += work.operations
        decided += work.decided
        deaths += work.deaths
        commits += work.commits
        seconds += work.seconds
        // In whatever order they come.
        digest = digest &+ (work.digest &* 0x9e37_79b9_7f4a_7c15)
        violations += work.violations.count
        guard !work.violations.isEmpty, told < 5 else { return }
        told += 1
        print("== \(work.name)")
        for event in work.story.suffix(tells ? 60 : 12) { print("   \(event)") }
        for violation in work.violations.prefix(5) { print("   VIOLATION \(violation)") }
        if !work.replay.isEmpty { print("   again: \(work.replay)") }
    }

    /// Prints the sum. The exit code.
    func close() -> Int32 {
        for line in broken.prefix(5) { print("== \(line)") }
        if showsDigest { print("digest \(String(digest, radix: 16))") }
        print(
            "\(Self.grouped(decided)) requests answered, \(Self.grouped(commits)) commits, \(Self.grouped(deaths)) brokers ended, \(Self.grouped(interrupted)) scenarios interrupted, \(Self.grouped(Int(seconds) / 3600)) hours of virtual time in \(Int(Date().timeIntervalSince(start))) s"
        )
        print(
            "simulated \(Self.grouped(operations)) operations over \(Self.grouped(seeds)) seeds, \(Self.grouped(violations + broken.count)) violations"
        )
        return violations + broken.count == 0 ? 0 : 1
    }

    static func grouped(_ number: Int) -> String {
        var text = String(number)
        var place = text.count - 3
        while place > 0 {
            text.insert(",", at: text.index(text.startIndex, offsetBy: place))
            place -= 3
        }
        return text
    }
}
