// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins
import Testing

@Suite("A creation that is interrupted")
struct InterruptionTests {
    /// A create that stands in its step `at` until the returned gate's test lets it go by cancelling.
    private func standing(at call: SimulatedCall) -> SimulatedDriver {
        let driver = SimulatedDriver()
        driver.plan(.delay(.seconds(3600)), for: call)
        return driver
    }

    private func awaitStep(_ name: String, of id: ID<ImpresarioModel.Operation>, _ fixture: BrokerFixture) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let entry = try fixture.broker.operation(id.rawValue, for: BrokerFixture.member)
            if entry.value.steps.first(where: { $0.name == name })?.state == .running { return }
            try #require(ContinuousClock.now < deadline && !entry.value.state.isFinal, "\(entry.value)")
            _ = try await fixture.broker.operation(id.rawValue, newerThan: entry.revision, patience: .seconds(1), for: BrokerFixture.member)
        }
    }

    @Test(
        "is deleted, with all it has made, when it is cancelled", arguments: [("provision", SimulatedCall.create), ("bootstrap", .execute)])
    func undone(_ step: String, _ call: SimulatedCall) async throws {
        try await BrokerFixture.with(driver: standing(at: call)) { fixture in
            let accepted = try await fixture.create("web")
            try await awaitStep(step, of: accepted.operation.id, fixture)
            let answer = try await fixture.broker.cancelOperation(
                accepted.operation.id.rawValue, CancelOperation(), for: BrokerFixture.member)
            #expect(answer.operation.kind == .delete && answer.cluster.phase == .deleting)
            #expect(try await fixture.end(of: answer.operation.id).state == .succeeded)
            #expect(try await fixture.end(of: accepted.operation.id).state == .cancelled)
            #expect(try fixture.broker.quota(ofTenant: "acme", for: BrokerFixture.member).used.isEmpty)
            #expect(try await fixture.driver.list().isEmpty)
        }
    }

    @Test("is kept when that is asked, goes on where it stopped, and repeats nothing that was done")
    func keptAndRetried() async throws {
        try await BrokerFixture.with(driver: standing(at: .execute)) { fixture in
            let accepted = try await fixture.create("web")
            let id = accepted.operation.id.rawValue
            try await awaitStep("bootstrap", of: accepted.operation.id, fixture)
            let kept = try await fixture.broker.cancelOperation(id, CancelOperation(then: .keep), for: BrokerFixture.member)
            #expect(kept.cluster.phase == .failed && kept.operation.state == .cancelled)
            #expect(try await fixture.broker.cancelOperation(id, CancelOperation(), for: BrokerFixture.member).operation == kept.operation)
            #expect(try await fixture.driver.list().count == 3)

            let retried = try await fixture.broker.retryOperation(id, for: BrokerFixture.member)
            #expect(retried.cluster.phase == .provisioning && retried.operation.state == .running)
            let ended = try await fixture.end(of: accepted.operation.id)
            #expect(ended.state == .succeeded && ended.problem == nil)
            #expect(ended.steps.first { $0.name == "provision" }?.attempts == 1)
            #expect(ended.steps.first { $0.name == "bootstrap" }?.attempts == 2)
            #expect(try fixture.broker.cluster(fixture.path("web"), for: BrokerFixture.member).value.phase == .ready)
            #expect(fixture.driver.journal.filter { $0.call == .create }.count == 3)

            let done = await #expect(throws: Problem.self) {
                try await fixture.broker.cancelOperation(id, CancelOperation(), for: BrokerFixture.member)
            }
            #expect(done?.code == "not-ready")
            let nothing = await #expect(throws: Problem.self) { try await fixture.broker.retryOperation(id, for: BrokerFixture.member) }
            #expect(nothing?.code == "not-ready")
        }
    }

    @Test("that failed is kept and can be retried, or is deleted where that was asked for")
    func failure() async throws {
        let plugins = FakePluginRuntime()
        let refusal = Problem(.pluginFailed, "No.")
        plugins.fail(.bootstrap, with: [refusal, refusal])
        try await BrokerFixture.with(plugins: plugins) { fixture in
            let kept = try await fixture.create("kept")
            #expect(try await fixture.end(of: kept.operation.id).state == .failed)
            _ = try await fixture.broker.retryOperation(kept.operation.id.rawValue, for: BrokerFixture.member)
            #expect(try await fixture.end(of: kept.operation.id).state == .failed)
            _ = try await fixture.broker.retryOperation(kept.operation.id.rawValue, for: BrokerFixture.member)
            #expect(try await fixture.end(of: kept.operation.id).state == .succeeded)

            plugins.fail(.bootstrap, with: [refusal])
            let gone = try await fixture.broker.createCluster(
                NewCluster(name: "gone", type: "sample", onFailure: .delete), in: "shop", of: "acme", for: BrokerFixture.member)
            #expect(try await fixture.end(of: gone.operation.id).state == .failed)
            let deletion = try #require(
                try fixture.broker.cluster(fixture.path("gone"), for: BrokerFixture.member).value.operation)
            #expect(deletion != gone.operation.id)
            #expect(try await fixture.end(of: deletion).state == .succeeded)
            #expect(try await fixture.driver.list().count == 3)
        }
    }

    @Test("obeys only those who may, and a deletion is not cancelled")
    func refusals() async throws {
        try await BrokerFixture.with(driver: standing(at: .destroy)) { fixture in
            let accepted = try await fixture.create("web")
            let id = accepted.operation.id.rawValue
            let hidden = await #expect(throws: Problem.self) {
                try await fixture.broker.cancelOperation(id, CancelOperation(), for: BrokerFixture.stranger)
            }
            #expect(hidden?.code == "not-found")
            let viewer = Caller(token: ID("k3"), name: "vic", role: .viewer, tenant: "acme", project: nil)
            for attempt in [
                await #expect(
                    throws: Problem.self,
                    performing: {
                        try await fixture.broker.cancelOperation(id, CancelOperation(), for: viewer)
                    }),
                await #expect(throws: Problem.self, performing: { try await fixture.broker.retryOperation(id, for: viewer) }),
            ] { #expect(attempt?.code == "denied") }
            _ = try await fixture.end(of: accepted.operation.id)
            let deletion = try await fixture.delete("web").operation.id.rawValue
            let refused = await #expect(throws: Problem.self) {
                try await fixture.broker.cancelOperation(deletion, CancelOperation(), for: BrokerFixture.member)
            }
            #expect(refused?.code == "not-ready")
        }
    }

    @Test("Sleep that is called off goes back to work, and a wake that is called off goes back to sleep")
    func turnRound() async throws {
        let driver = SimulatedDriver()
        try await BrokerFixture.with(driver: driver) { fixture in
            let path = fixture.path("web")
            _ = try await fixture.end(of: fixture.create("web").operation.id)
            func cancel(_ accepted: Accepted, _ wish: CancelOperation.Wish? = nil) async throws -> Accepted {
                try await fixture.broker.cancelOperation(
                    accepted.operation.id.rawValue, CancelOperation(then: wish), for: BrokerFixture.member)
            }
            driver.plan(.delay(.seconds(3600)), for: .stop)
            let sleeping = try await fixture.broker.hibernateCluster(path, for: BrokerFixture.member)
            try await fixture.until("a node is being stopped") { driver.journal.contains { $0.call == .stop } }
            let wrong = await #expect(throws: Problem.self) { try await cancel(sleeping, .delete) }
            #expect(wrong?.field == "/then")
            #expect(try await cancel(sleeping).cluster.phase == .ready)
            try await fixture.until("it works") {
                try await driver.list().allSatisfy { $0.state == .running } && fixture.cluster("web").health == .healthy
            }

            _ = try await fixture.end(of: fixture.broker.hibernateCluster(path, for: BrokerFixture.member).operation.id)
            driver.plan(.delay(.seconds(3600)), for: .start)
            let known = driver.journal.count { $0.call == .start }
            let waking = try await fixture.broker.wakeCluster(path, for: BrokerFixture.member)
            try await fixture.until("a node is being started") { driver.journal.count { $0.call == .start } > known }
            let back = try await cancel(waking)
            #expect(back.operation.kind == .hibernate)
            #expect(try await fixture.end(of: back.operation.id).state == .succeeded)
            #expect(try fixture.cluster("web").phase == .hibernated)
            #expect(try await driver.list().allSatisfy { $0.state == .stopped })
        }
    }
}
