// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The program: `Simulation [--seeds N] [--seed N] [--actions N] [--jobs N] [--scenario NAME [--crossing N --side before|after]] …`
public struct Simulation {
    private var seeds = 200
    private var first: UInt64 = 1
    private var seed: UInt64?
    private var actions = 260
    private var jobs = ProcessInfo.processInfo.activeProcessorCount
    private var scenario: String?
    private var death: Death?
    private var sabotage: Sabotage = []
    private var isVerbose = false
    private var showsDigest = false
    private var withScenarios = true
    /// Of those that share the seeds: which one, of how many.
    private var share: (index: Int, count: Int)?
    private var mistake: String?

    public static let usage = """
        usage: Simulation [--seeds N] [--seed N]
          --seeds N       so many random histories (200), and every scenario with a broker that dies at each of its calls
          --first N       the first seed (1)
          --seed N        one random history, told at length
          --actions N     requests in each history (260)
          --jobs N        processes (one for each processor)
          --no-scenarios  random histories only
          --scenario NAME one scenario, at all its calls; with --crossing N --side before|after at one, told at length
          --sabotage NAME with a fault planted in the broker
          --digest        a line with the digest of all that was committed
        """

    public init(_ arguments: some Sequence<String>) {
        var rest = Array(arguments)[...]
        var (crossing, side) = (Int?.none, Death.Side.before)
        func number(_ name: String) -> Int? {
            guard let text = rest.popFirst(), let value = Int(text), value >= 0 else {
                mistake = "\(name) takes a number."
                return nil
            }
            return value
        }
        while let name = rest.popFirst() {
            switch name {
            case "--seeds": seeds = number(name) ?? seeds
            case "--first": first = UInt64(number(name) ?? 1)
            case "--seed": seed = number(name).map { UInt64($0) }
            case "--actions": actions = number(name) ?? actions
            case "--jobs": jobs = max(1, number(name) ?? jobs)
            case "--crossing": crossing = number(name)
            case "--side": side = rest.popFirst().flatMap(Death.Side.init) ?? .before
            case "--scenario": scenario = rest.popFirst()
            case "--no-scenarios": withScenarios = false
            case "--verbose": isVerbose = true
            case "--digest": showsDigest = true
            case "--share":
                let (index, count) = (number(name) ?? 0, number(name) ?? 1)
                share = (index, max(1, count))
            case "--sabotage":
                let wanted = rest.popFirst()
                if let known = Sabotage.all.first(where: { $0.name == wanted }) {
                    sabotage.insert(known.sabotage)
                } else {
                    mistake = "There is no such fault to plant. Known are: \(Sabotage.all.map(\.name).joined(separator: ", "))."
                }
            default: mistake = "There is no option '\(name)'."
            }
        }
        if let scenario, !Scenario.all.contains(where: { $0.name == scenario }) {
            mistake = "There is no scenario '\(scenario)'. Known are: \(Scenario.all.map(\.name).joined(separator: ", "))."
        }
        death = crossing.map { Death(crossing: $0, side: side) }
    }

    /// - Returns: the exit code: 0, or 1 when something did not hold, or 2 for a mistake in the arguments.
    public func run() -> Int32 {
        if let mistake {
            FileHandle.standardError.write(Data("\(mistake)\n\(Self.usage)\n".utf8))
            return 2
        }
        // Sets and dictionaries are in an order drawn for each process; a seed has to mean the same in all of them.
        if ProcessInfo.processInfo.environment["SWIFT_DETERMINISTIC_HASHING"] == nil { return again() }
        if let share { return work(share) }
        var total = Tally()
        if let seed {
            total.add(Work(name: "seed \(seed)", replay: replay("--seed \(seed)"), outcome: history(seed)), tells: true)
        } else if let scenario, let death, let known = Scenario.all.first(where: { $0.name == scenario }) {
            let outcome = known.run(death: death, sabotage: sabotage)
            print("scenario '\(scenario)', dead \(death): \(outcome.lethalCall ?? "that call is never made")")
            total.add(Work(name: "scenario '\(scenario)', dead \(death)", replay: "", outcome: outcome), tells: true)
        } else {
            total = shared()
        }
        return total.close()
    }

    private func history(_ seed: UInt64) -> Outcome { History.run(seed: seed, actions: actions, sabotage: sabotage) }

    private func replay(_ what: String) -> String {
        let planted = Sabotage.all.filter { sabotage.contains($0.sabotage) }.map { " --sabotage \($0.name)" }.joined()
        return "make simulate ARGUMENTS=\"\(what)\(actions == 260 ? "" : " --actions \(actions)")\(planted)\""
    }

    // MARK: many at once

    /// One share of the work, told line by line to who shares it out.
    private func work(_ share: (index: Int, count: Int)) -> Int32 {
        var number = 0
        func isMine() -> Bool {
            number += 1
            return number % share.count == share.index
        }
        func tell(_ name: String, _ replay: String, _ outcome: Outcome) {
            // At once: a run that ends the process is not to take the ones before it along.
            FileHandle.standardOutput.write(Data((Work(name: name, replay: replay, outcome: outcome).line + "\n").utf8))
        }
        if withScenarios || scenario != nil {
            for one in Scenario.all where scenario == nil || one.name == scenario {
                let whole = one.run(sabotage: sabotage)
                if share.index == 0 { tell("scenario '\(one.name)'", replay("--scenario '\(one.name)' --crossing 0"), whole) }
                for crossing in 1...max(1, whole.crossings) {
                    for side in Death.Side.allCases where isMine() {
                        let death = Death(crossing: crossing, side: side)
                        tell(
                            "scenario '\(one.name)', dead \(death)",
                            replay("--scenario '\(one.name)' --crossing \(crossing) --side \(side.rawValue)"),
                            one.run(death: death, sabotage: sabotage))
                    }
                }
            }
        }
        if scenario == nil {
            for seed in first..<(first + UInt64(seeds)) where isMine() {
                tell("seed \(seed)", replay("--seed \(seed)"), history(seed))
            }
        }
        return 0
    }

    private func shared() -> Tally {
        let workers = (0..<jobs).map { index in
            Worker(arguments: CommandLine.arguments.dropFirst() + ["--share", "\(index)", "\(jobs)"])
        }
        var total = Tally()
        total.showsDigest = showsDigest
        // One reads after the other; pipes hold some, and a worker waits when its pipe is full: threads would be one thing more to go wrong.
        let lines = AllLines(workers)
        while let line = lines.next() {
            if let work = Work(line) { total.add(work, tells: false) } else { total.broken.append(line) }
        }
        for worker in workers where worker.wait() != 0 { total.broken.append("a process of the simulation ended with \(worker.wait())") }
        return total
    }

    /// The same program with the same arguments, and an order of sets and dictionaries that is always the same.
    private func again() -> Int32 {
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        child.arguments = Array(CommandLine.arguments.dropFirst())
        child.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_DETERMINISTIC_HASHING": "1"]) { $1 }
        do { try child.run() } catch {
            FileHandle.standardError.write(Data("The simulation cannot be started: \(error)\n".utf8))
            return 1
        }
        child.waitUntilExit()
        return child.terminationStatus
    }
}
