// SPDX-License-Identifier: Apache-2.0

import Foundation
public import ImpresarioModel

extension LocalDriver {
    public func declare(_ service: ServiceSpecification, on node: ID<Node>, fence: Fence) async throws(Problem) {
        try await asProblem {
            let record = try self.record(node)
            let scripts = try ServiceScripts(service)
            try Name.check(fence.operation, field: "operation")
            let timeout = Duration.milliseconds(service.ready?.timeout ?? 60_000)
            let command = NodeCommand(
                ["/bin/bash", "-c", ServiceScripts.declare, service.name, service.state.rawValue, record.specification.address]
                    + scripts.readiness,
                input: Data(scripts.run.utf8), timeout: timeout, outputLimit: 4096)
            let outcome = try await self.runCommand(command, on: node, fence: fence)
            if outcome.exitCode == 0 { return }
            let log = try await self.runCommand(
                NodeCommand(["/bin/sh", "-c", ServiceScripts.lastLines, service.name], timeout: .seconds(5), outputLimit: 4096), on: node,
                fence: fence)
            let said = Self.text(log.output)
            let what =
                outcome.timedOut
                ? "The service \(service.name) did not become \(service.state == .running ? "ready" : service.state.rawValue) in \(timeout)."
                : "The service \(service.name) could not be declared."
            throw Problem(
                .stepFailed, said.isEmpty ? what : "\(what) It said last: \(said)", detail: Self.text(outcome.error), owner: .plugin)
        }
    }
}
