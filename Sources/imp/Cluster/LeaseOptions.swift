// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

/// The flags of commands that give a lease.
struct LeaseOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How long it may live from now on, such as 8h or 7d.", valueName: "duration"))
    var lease: TimeToLive?

    @Option(help: ArgumentHelp("What becomes of it then.", valueName: "hibernate|delete"))
    var leaseEnding: Lease.Ending?

    var request: LeaseRequest { LeaseRequest(lease: lease, leaseEnding: leaseEnding) }
}

extension WaitOptions {
    /// Follows what was accepted when that is wanted, and shows the cluster as it is then.
    func show(_ accepted: Accepted, as participle: String, in scope: Scope, _ session: Session, _ output: OutputOptions) async throws {
        let name = accepted.cluster.name
        guard isWanted else {
            Surroundings.current.note("\(participle) \(name): imp operation watch \(accepted.operation.id)")
            return try output.show(accepted.cluster, table: Table([accepted.cluster]))
        }
        _ = try await Waiting.follow(accepted.operation.id, client: session.client, timeout: timeout)
        let cluster = try await session.client.cluster(name, in: scope)
        try output.show(cluster, table: Table([cluster]))
    }
}
