// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioInfrastructure
import ImpresarioModel
import Testing

@Suite struct SmokeTests {
    @Test func smoke() async throws {
        try await LocalFixture.with { fixture in
            let d = fixture.driver
            let clock = ContinuousClock()
            let s = fixture.specification(peers: ["n2": "10.208.3.11"])
            print("create", try await clock.measure { try await d.create(s) })
            let s2 = fixture.specification("n2", address: "10.208.3.11", peers: ["n1": "10.208.3.10"])
            print("create2", try await clock.measure { try await d.create(s2) })
            print("exec", try await clock.measure { print(try await d.shell("id; df -h / /var; cat /etc/hosts /etc/resolv.conf; ps ax; ip a; ip r", on: s.id)) })
            print(try await d.shell("ping -c1 -W1 n2; curl -sS -m 5 -o /dev/null -w '%{http_code}' http://deb.debian.org/", on: s.id))
            print("put", try await clock.measure { try await d.put([NodeFile(path: "/a/b/c", content: Data("hallo".utf8), mode: 0o600)], on: s.id) })
            print("get", try await clock.measure { print(String(decoding: try await d.get("/a/b/c", limit: 10, from: s.id), as: UTF8.self)) })
            let service = ServiceSpecification(name: "web", state: .running, argv: ["python3", "-m", "http.server", "8080", "--directory", "/etc"], ready: .init(tcp: 8080))
            do { try await d.declare(service, on: s.id, fence: Fence(operation: "o1", attempt: 1)) } catch { dump(error) }
            print("declare", try await clock.measure { try await d.declare(service, on: s.id, fence: Fence(operation: "o1", attempt: 1)) })
            print("declare2", try await clock.measure { try await d.declare(service, on: s.id, fence: Fence(operation: "o1", attempt: 1)) })
            print("expose", try await clock.measure { print(try await d.expose(port: 8080, of: s.id)) })
            let at = try await d.expose(port: 8080, of: s.id)
            print(await Machine.shell("curl -sS -m 5 http://\(at)/hostname"))
            print("stop", try await clock.measure { try await d.stop(s.id, grace: .seconds(5)) })
            print(try await d.list())
            print("start", try await clock.measure { try await d.start(s.id) })
            print(try await d.list())
            print("declare3", try await clock.measure { try await d.declare(service, on: s.id, fence: Fence(operation: "o1", attempt: 1)) })
            print(await Machine.shell("curl -sS -m 5 http://\(at)/hostname"))
            print("destroy", try await clock.measure { try await d.destroy(s.id) })
        }
    }
}
