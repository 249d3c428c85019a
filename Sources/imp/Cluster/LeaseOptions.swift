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
