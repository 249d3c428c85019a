// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioClient
import ImpresarioModel
import Testing

extension RealEngines {
    /// Who gets in where, with two clusters of two tenants.
    @Suite struct AccessTests {
        @Test("A cluster's endpoint lets in the cluster's own certificates only, and a revoked one no more")
        func certificates() async throws {
            try await Installation.with { installation in
                let (account, stranger) = (try await installation.account(), try await installation.account("other"))
                try await installation.make(by: account)
                try await installation.make(by: stranger)
                let docker = try await installation.docker(of: account)
                let second = try await installation.docker(of: account)
                #expect(try await docker.states() == ["Ready"])
                #expect(try await second.states() == ["Ready"])
                let foreign = try await installation.docker(of: stranger)
                #expect(try await foreign.states() == ["Ready"])

                let host = try #require(docker.environment["DOCKER_HOST"]).replacing("tcp://", with: "")
                let ca = "--cacert \(docker.folder)/ca.pem"
                /// Whether the engine answers over TLS with these files.
                func answers(_ files: String) async throws -> Bool {
                    try await Machine.shell("curl -fsS -m 10 \(files) https://\(host)/_ping").text == "OK"
                }
                #expect(try await answers("\(ca) --cert \(docker.folder)/cert.pem --key \(docker.folder)/key.pem"))
                #expect(try await !answers(ca))
                #expect(try await !answers("\(ca) --cert \(foreign.folder)/cert.pem --key \(foreign.folder)/key.pem"))
                // The stranger's client does not even believe the server.
                #expect(try await !foreign("node ls", ["DOCKER_HOST": "tcp://\(host)"]).succeeded)
                #expect(try await Machine.shell("curl -sS -m 10 http://\(host)/_ping").text != "OK")

                let binding = try #require(docker.folder.split(separator: "client-").last)
                _ = try await installation.client(account.token) {
                    try await $0.revoke(ID(String(binding)), ofCluster: "web", in: account.scope)
                }
                #expect(try await !docker("node ls").succeeded)
                #expect(try await second.states() == ["Ready"])
                #expect(try await foreign.states() == ["Ready"])

                try await strangersSee(installation, account, stranger)
            }
        }

        /// On the same clusters, since they are dear.
        private func strangersSee(_ installation: Installation, _ account: Account, _ stranger: Account) async throws {
            let cluster = try await installation.cluster(of: account)
            let operation = try #require(cluster.operation)
            let binding = try await installation.client(account.token) {
                try await $0.bindings(ofCluster: "web", in: account.scope).all()[0].id
            }
            let tenant = "/v1/tenants/\(account.scope.tenant)"
            let project = "\(tenant)/projects/\(account.scope.project)"
            let web = "\(project)/clusters/web"
            let requests: [(String, String, String?)] = [
                ("GET", tenant, nil), ("GET", "\(tenant)/quota", nil), ("GET", "\(tenant)/projects", nil), ("GET", project, nil),
                ("GET", "\(project)/quota", nil), ("GET", "\(project)/clusters", nil), ("GET", web, nil), ("GET", "\(web)/events", nil),
                ("GET", "\(web)/bindings", nil), ("DELETE", "\(web)/bindings/\(binding)", nil), ("POST", "\(web)/credentials", "{}"),
                ("POST", "\(web)/do/rotate-join-tokens", #"{"role": "worker"}"#), ("DELETE", web, nil),
                ("POST", "\(project)/clusters", #"{"name": "mine", "type": "swarm"}"#), ("GET", "/v1/operations/\(operation)", nil),
                ("POST", "/v1/operations/\(operation)/cancel", "{}"), ("POST", "\(web)/resize", "{}"),
            ]
            for (method, path, body) in requests {
                let answer = try await installation.ask(method, path, body, token: stranger.token)
                #expect(answer.status == 404 && answer.code == "not-found", "\(method) \(path): \(answer.status) \(answer.json)")
                // A name that there is not is answered in no other way.
                let words = "\(answer.json)"
                #expect(!words.contains(cluster.id.rawValue) && !words.contains("10.208."), "\(method) \(path): \(words)")
            }
            let list = try await installation.ask("GET", "/v1/operations?cluster=\(cluster.id)", token: stranger.token)
            #expect(list.status == 404 || list.json["items"] == .array([]), "\(list.json)")
            let events = try await installation.ask("GET", "/v1/events?limit=500", token: stranger.token)
            #expect(events.status == 200 && !"\(events.json)".contains(cluster.id.rawValue))
            let tenants = try await installation.ask("GET", "/v1/tenants", token: stranger.token)
            #expect(!"\(tenants.json)".contains(account.scope.tenant))
            #expect(try await installation.cluster(of: account) == cluster)
        }
    }
}
