// SPDX-License-Identifier: Apache-2.0

/// `POST …/clusters/{c}/extend` and `…/wake`: a lease from now on.
public struct LeaseRequest: RequestBody, Hashable {
    public static let members: Set = ["lease", "leaseEnding"]
    /// Absent: the project's default.
    public var lease: TimeToLive?
    /// Absent: as before, else the project's.
    public var leaseEnding: Lease.Ending?

    public init(lease: TimeToLive? = nil, leaseEnding: Lease.Ending? = nil) {
        self.lease = lease
        self.leaseEnding = leaseEnding
    }
}

/// `PUT …/projects/{p}/leases`. What is absent is not so any more.
public struct LeasePolicyUpdate: RequestBody, Hashable {
    public static let members: Set = ["default", "maximum", "ending"]
    public var `default`: TimeToLive?
    public var maximum: TimeToLive?
    public var ending: Lease.Ending?

    public init(default: TimeToLive? = nil, maximum: TimeToLive? = nil, ending: Lease.Ending? = nil) {
        self.default = `default`
        self.maximum = maximum
        self.ending = ending
    }

    public var policy: LeasePolicy {
        LeasePolicy(default: `default`?.seconds, maximum: maximum?.seconds, ending: ending ?? .delete)
    }
}
