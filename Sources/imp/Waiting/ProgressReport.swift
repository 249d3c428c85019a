// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// What to tell of an operation while it runs: a line for each thing that happened, and one that shows where it stands.
struct ProgressReport: Sendable {
    private var seen: [Step] = []

    /// Lines for what is new since the last call.
    ///
    /// - Parameter withStarts: also for a step that began; a bar shows that already.
    mutating func lines(for operation: Operation, withStarts: Bool = true) -> [String] {
        var lines: [String] = []
        for (index, step) in operation.steps.enumerated() {
            let before = index < seen.count ? seen[index] : Step(name: step.name)
            let isStart = step.state == .running && before.state != .running && step.attempts <= 1
            if isStart, !withStarts { continue }
            if let line = Self.line(for: step, before: before) { lines.append(line) }
        }
        seen = operation.steps
        return lines
    }

    private static func line(for step: Step, before: Step) -> String? {
        let name = step.name
        if step.state != before.state {
            switch step.state {
            case .pending: return nil
            case .running: return step.attempts > 1 ? retry(step) : "\(name): running"
            case .done:
                let took = step.startedAt.flatMap { start in step.finishedAt.map { Self.seconds($0.milliseconds - start.milliseconds) } }
                return "\(name): done" + (took.map { " in \($0)" } ?? "")
            case .failed: return "\(name): failed" + (step.problem.map { ": \(Table.printable($0.message))" } ?? "")
            case .skipped: return "\(name): skipped"
            }
        }
        return step.attempts > max(1, before.attempts) ? retry(step) : nil
    }

    private static func retry(_ step: Step) -> String {
        "\(step.name): attempt \(step.attempts)" + (step.problem.map { ", after: \(Table.printable($0.message))" } ?? "")
    }

    static func seconds(_ milliseconds: Int64) -> String {
        "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
    }

    /// `[#########-----------]  45 %  bootstrap (3/5): starting the engine`
    static func bar(_ operation: Operation, width: Int = 20) -> String {
        let done = operation.progress * width / 10_000
        let bar = String(repeating: "#", count: done) + String(repeating: "-", count: width - done)
        let percent = String(operation.progress / 100)
        let index = operation.steps.firstIndex { $0.state == .running } ?? operation.steps.firstIndex { $0.state == .pending }
        let step = index.map { index in
            let step = operation.steps[index]
            return "  \(step.name) (\(index + 1)/\(operation.steps.count))"
                + (step.phase.map { ": \(Table.printable($0).prefix(60))" } ?? "")
        }
        return "[\(bar)] \(String(repeating: " ", count: max(0, 3 - percent.count)))\(percent) %\(step ?? "")"
    }
}
