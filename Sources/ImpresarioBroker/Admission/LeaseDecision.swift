// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Which lease a cluster gets, by what was asked and what its project allows. Pure.
struct LeaseDecision {
    let policy: LeasePolicy?
    let now: Timestamp

    /// - Throws: `lease-too-long` beyond the project's maximum.
    func grant(_ request: LeaseRequest) throws(Problem) -> Lease? {
        guard let seconds = request.lease?.seconds ?? policy?.default ?? policy?.maximum else {
            guard request.leaseEnding == nil else {
                throw Problem(
                    .invalidParameters, "What becomes of a cluster at the end of its lease means nothing without a lease.",
                    field: "/leaseEnding", remedy: "Say how long too, such as 8h.")
            }
            return nil
        }
        if let maximum = policy?.maximum, seconds > maximum {
            throw Problem(
                .leaseTooLong, "The project allows leases of at most \(DurationText.format(seconds: maximum)).", field: "/lease",
                remedy: "Ask for less; it can be extended before it ends.")
        }
        return Lease(expiresAt: now + .seconds(seconds), ending: request.leaseEnding ?? policy?.ending ?? .delete)
    }

    /// A lease from now on in place of another, with that one's ending unless another is asked for.
    func renew(_ lease: Lease?, _ request: LeaseRequest) throws(Problem) -> Lease? {
        var request = request
        if request.leaseEnding == nil, request.lease != nil || policy?.default ?? policy?.maximum != nil {
            request.leaseEnding = lease?.ending
        }
        return try grant(request)
    }
}
