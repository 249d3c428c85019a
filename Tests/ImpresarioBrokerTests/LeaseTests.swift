// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioModel
import ImpresarioStore
import Synchronization
import Testing

@testable import ImpresarioBroker

@Suite("A lease")
struct LeaseTests {
    private static let now = Timestamp(milliseconds: 1_000_000)
    private static let policy = LeasePolicy(default: 3600, maximum: 7200, ending: .hibernate)

    private static func grant(_ request: LeaseRequest, _ policy: LeasePolicy? = policy) throws -> Lease? {
        try LeaseDecision(policy: policy, now: now).grant(request)
    }

    @Test("is what was asked within what the project allows, else its default, else its maximum, else none")
    func decision() throws {
        let hour = TimeToLive(seconds: 3600)
        #expect(try Self.grant(LeaseRequest())?.expiresAt == Self.now + .seconds(3600))
        #expect(try Self.grant(LeaseRequest())?.ending == .hibernate)
        #expect(try Self.grant(LeaseRequest(), LeasePolicy(maximum: 60)) == Lease(expiresAt: Self.now + .seconds(60), ending: .delete))
        #expect(try Self.grant(LeaseRequest(), nil) == nil)
        #expect(try Self.grant(LeaseRequest(lease: hour, leaseEnding: .delete))?.ending == .delete)
        #expect(try Self.grant(LeaseRequest(lease: hour), nil)?.ending == .delete)
        let long = #expect(throws: Problem.self) { try Self.grant(LeaseRequest(lease: TimeToLive(seconds: 7201))) }
        #expect(long?.code == "lease-too-long" && long?.message == "The project allows leases of at most 2h.")
        let idle = #expect(throws: Problem.self) { try Self.grant(LeaseRequest(leaseEnding: .delete), nil) }
        #expect(idle?.field == "/leaseEnding")
    }

    @Test("that is renewed keeps its ending")
    func renewal() throws {
        let old = Lease(expiresAt: Self.now, ending: .hibernate, warnedAt: Self.now)
        let new = try LeaseDecision(policy: nil, now: Self.now).renew(old, LeaseRequest(lease: TimeToLive(seconds: 60)))
        #expect(new == Lease(expiresAt: Self.now + .seconds(60), ending: .hibernate))
        #expect(try LeaseDecision(policy: nil, now: Self.now).renew(old, LeaseRequest()) == nil)
    }

    @Test("warns before its end, then deletes or hibernates as agreed", arguments: Lease.Ending.allCases)
    func end(ending: Lease.Ending) async throws {
        let ahead = Mutex(Duration.zero)
        try await BrokerFixture.with(time: TimeSource(now: { Timestamp.now() + ahead.withLock { $0 } })) { fixture in
            let accepted = try await fixture.broker.createCluster(
                NewCluster(name: "web", type: "sample", lease: TimeToLive(seconds: 7200), leaseEnding: ending), in: "shop", of: "acme",
                for: BrokerFixture.member)
            #expect(accepted.cluster.lease?.ending == ending)
            _ = try await fixture.end(of: accepted.operation.id)
            ahead.withLock { $0 = .seconds(7000) }
            try await fixture.events("lease.ending", count: 1)
            ahead.withLock { $0 = .seconds(8000) }
            try await fixture.events("lease.ended", count: 1)
            switch ending {
            case .delete: try await fixture.events("cluster.deleted", count: 1)
            case .hibernate:
                try await fixture.events("cluster.hibernated", count: 1)
                #expect(try fixture.cluster("web").lease == nil)
            }
        }
    }

    @Test("that is extended in time does not end, and is warned of anew")
    func extend() async throws {
        let ahead = Mutex(Duration.zero)
        let time = TimeSource(now: { Timestamp.now() + ahead.withLock { $0 } })
        try await BrokerFixture.with(time: time) { fixture in
            let broker = fixture.broker
            _ = try await broker.setLeases(
                ofProject: "shop", of: "acme", to: LeasePolicy(default: 7200, maximum: 7200, ending: .delete), expecting: nil,
                for: BrokerFixture.admin)
            for name in ["web", "other"] { _ = try await fixture.end(of: fixture.create(name).operation.id) }
            ahead.withLock { $0 = .seconds(7000) }
            try await fixture.events("lease.ending", count: 2)
            let extended = try await broker.extendLease(fixture.path("web"), LeaseRequest(), for: BrokerFixture.member)
            #expect(extended.lease?.warnedAt == nil)
            ahead.withLock { $0 = .seconds(8000) }
            try await fixture.events("cluster.deleted", count: 1)
            #expect(try fixture.cluster("web").phase == .ready)
            ahead.withLock { $0 = .seconds(13_000) }
            try await fixture.events("lease.ending", count: 3)
            #expect(try fixture.cluster("web").phase == .ready)
            await #expect(throws: Problem.self) {
                try await broker.extendLease(fixture.path("web"), LeaseRequest(lease: TimeToLive(seconds: 7201)), for: BrokerFixture.member)
            }
        }
    }
}
