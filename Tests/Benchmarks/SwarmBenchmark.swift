// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioClient
import ImpresarioModel
import Subprocess

extension Benchmark {
    /// A swarm of one manager and two workers, from the request to ready, beside a shell script that makes the same by hand. In turns, so that what
    /// else the machine does falls on both.
    static let swarm = Benchmark(subject: "swarm", isSkipped: obstacle) { report in
        try await RealBroker.with(in: report.folder) { broker in
            let scope = Scope(tenant: "bench", project: "swarm")
            _ = try await broker.client.createTenant(NewTenant(name: scope.tenant))
            _ = try await broker.client.createProject(NewProject(name: scope.project), inTenant: scope.tenant)
            // The first ones fill caches: packages, the nodes' root.
            _ = try await byCall(broker, scope, "first")
            _ = try await byHand(broker, report)
            var calls: [Duration] = []
            var hands: [Duration] = []
            var steps: [String: [Duration]] = [:]
            for round in 1...5 {
                let (taken, operation) = try await byCall(broker, scope, "round-\(round)")
                calls.append(taken)
                for step in operation.steps {
                    guard let start = step.startedAt, let end = step.finishedAt else { continue }
                    steps[step.name, default: []].append(end - start)
                }
                hands.append(try await byHand(broker, report))
                report.remark("round \(round): \(calls[round - 1] / .seconds(1)) s by call, \(hands[round - 1] / .seconds(1)) s by hand")
            }
            report.figure("swarm.create.call", median(calls) / .seconds(1), "s")
            report.figure("swarm.create.hand", median(hands) / .seconds(1), "s")
            for (name, durations) in steps.sorted(by: { $0.key < $1.key }) {
                report.figure("swarm.create.step.\(name)", median(durations) / .seconds(1), "s")
            }
            report.figure("swarm-create-ratio", median(calls) / median(hands), "ratio")
        }
    }

    @Sendable private static func obstacle() -> String? {
        if let obstacle = RealBroker.obstacle() { return obstacle }
        let folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        let missing = ["runc", "ip", "nft", "mkfs.ext4", "losetup", "unshare", "setpriv", "openssl"].first { program in
            !folders.contains { access("\($0)/\(program)", X_OK) == 0 }
        }
        return missing.map { "\($0) is not on this machine" }
    }

    /// - Returns: from the request until the operation was seen to have succeeded.
    private static func byCall(_ broker: RealBroker, _ scope: Scope, _ name: String) async throws -> (Duration, ImpresarioModel.Operation) {
        try Interruption.check()
        let wish = NewCluster(name: name, type: "swarm", parameters: ["managers": 1, "workers": 2])
        let start = ContinuousClock.now
        let accepted = try await broker.client.createCluster(wish, in: scope)
        let operation = try await broker.client.wait(for: accepted.operation.id)
        let taken = ContinuousClock.now - start
        let deletion = try await broker.client.deleteCluster(name, in: scope)
        let gone = try await broker.client.wait(for: deletion.operation.id)
        for operation in [operation, gone] where operation.state != .succeeded {
            throw operation.problem ?? Problem(.internal, "The \(operation.kind.rawValue) ended as \(operation.state.rawValue).")
        }
        return (taken, operation)
    }

    /// - Returns: what the script says.
    private static func byHand(_ broker: RealBroker, _ report: Report) async throws -> Duration {
        try Interruption.check()
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "by-hand.sh").path
        let skeletons = broker.data + "/local/skeletons"
        guard let skeleton = try FileManager.default.contentsOfDirectory(atPath: skeletons).first else {
            throw Problem(.internal, "\(skeletons) is empty.")
        }
        var options = PlatformOptions()
        options.processGroupID = 0
        let result = try await Subprocess.run(
            .name("bash"), arguments: [script, report.folder, "\(skeletons)/\(skeleton)"], platformOptions: options,
            output: .string(limit: 4096), error: .string(limit: 65_536))
        guard case .exited(0) = result.terminationStatus,
            let seconds = result.standardOutput.firstMatch(of: /seconds ([0-9.]+)/).flatMap({ Double($0.1) })
        else { throw Problem(.internal, "The script failed: \(result.standardError.suffix(1000))") }
        return .seconds(seconds)
    }
}

func median(_ durations: [Duration]) -> Duration { durations.sorted()[durations.count / 2] }
