// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioClient
import ImpresarioModel
import Testing

extension RealEngines {
    /// Requests that must not do anything, on an installation with one cluster, which must not notice them.
    @Suite struct BadInputTests {
        @Test("What is refused says why and leaves no record, no node and no use behind")
        func refusals() async throws {
            try await Installation.with { installation in
                let account = try await installation.account(limits: ["node": 3, "cluster": 2])
                let clusters = "/v1/tenants/\(account.scope.tenant)/projects/\(account.scope.project)/clusters"
                let order = #"{"name": "web", "type": "swarm", "parameters": {"workers": 0}}"#
                let key = ["Idempotency-Key": "once-\(UInt64.random(in: 0 ... .max))"]

                // One key, one cluster; the answer is the first one's, to the letter.
                let first = try await installation.ask("POST", clusters, order, token: account.token, headers: key)
                try #require(first.status == 202, "\(first.json)")
                let again = try await installation.ask("POST", clusters, order, token: account.token, headers: key)
                #expect(again.status == 202 && again.body == first.body)
                let changed = order.replacing("\"web\"", with: "\"shop\"")
                let mismatch = try await installation.ask("POST", clusters, changed, token: account.token, headers: key)
                #expect(mismatch.code == "idempotency-mismatch")
                let operation = try #require(first.json["operation"]?["id"]?.string)
                try #require(try await installation.end(of: ID(operation)).state == .succeeded)

                let before = try await Holdings(installation, account)
                #expect(before.nodes.count == 1 && before.clusters.count == 1)
                for refusal in Self.refusals {
                    let answer = try await installation.ask(
                        "POST", clusters, refusal.body, token: account.token, headers: refusal.headers)
                    #expect(answer.status == refusal.status && answer.code == refusal.code, "\(refusal.body.prefix(100)): \(answer.json)")
                    if let field = refusal.field { #expect(answer.json.fields.contains(field), "\(refusal.body): \(answer.json)") }
                }
                let quota = try await installation.ask(
                    "POST", clusters, #"{"name": "big", "type": "swarm", "parameters": {"managers": 3, "workers": 0}}"#,
                    token: account.token)
                #expect(quota.status == 422 && quota.code == "quota-exceeded")
                let facts = quota.json["facts"]
                #expect(facts?["level"] == "tenant" && facts?["key"] == "node", "\(quota.json)")
                #expect(facts?["limit"] == "3" && facts?["used"] == "1" && facts?["asked"] == "3", "\(quota.json)")

                for token in ["", "imp_wrong", account.token + "x"] {
                    #expect(try await installation.ask("POST", clusters, changed, token: token).status == 401)
                    #expect(try await installation.ask("DELETE", "\(clusters)/web", token: token).status == 401)
                }
                let stale = try await installation.ask("DELETE", "\(clusters)/web", token: account.token, headers: ["If-Match": "\"1\""])
                #expect(stale.status == 412 && stale.code == "precondition-failed")
                #expect(try await installation.ask("DELETE", "\(clusters)/none", token: account.token).status == 404)
                try await Self.goAway(from: installation, clusters, account)
                try await Self.whileDisabled(installation, clusters, account)

                #expect(try await Holdings(installation, account) == before)
                #expect(try await installation.docker(of: account).states() == ["Ready"])

                // Deleting twice is one deletion.
                let deletion = try await installation.ask("DELETE", "\(clusters)/web", token: account.token)
                let second = try await installation.ask("DELETE", "\(clusters)/web", token: account.token)
                #expect(deletion.status == 202 && second.status == 202)
                let id = try #require(deletion.json["operation"]?["id"]?.string)
                #expect(second.json["operation"]?["id"]?.string == id)
                #expect(try await installation.end(of: ID(id)).state == .succeeded)
                #expect(try await installation.used(by: account).isEmpty)
            }
        }

        private struct Refusal {
            var body: String
            var status: Int
            var code: String
            var field: String?
            var headers: [String: String] = [:]

            init(_ body: String, _ status: Int, _ code: String, at field: String? = nil, headers: [String: String] = [:]) {
                (self.body, self.status, self.code, self.field, self.headers) = (body, status, code, field, headers)
            }

            init(parameters: String, at field: String) {
                self.init(
                    #"{"name": "bad", "type": "swarm", "parameters": \#(parameters)}"#, 422, "invalid-parameters", at: "/parameters" + field
                )
            }
        }

        private static let refusals = [
            Refusal(parameters: #"{"managers": 2}"#, at: "/managers"),
            Refusal(parameters: #"{"managers": 0}"#, at: "/managers"),
            Refusal(parameters: #"{"managers": 0, "workers": "many"}"#, at: "/workers"),
            Refusal(parameters: #"{"workers": -1}"#, at: "/workers"),
            Refusal(parameters: #"{"worker": 1}"#, at: "/worker"),
            Refusal(#"{"name": "bad", "type": "swarm", "parameters": {"workerFlavor": "gigantic"}}"#, 422, "unknown-flavor"),
            Refusal(#"{"name": "bad", "type": "swarms"}"#, 422, "unknown-type"),
            Refusal(#"{"name": "Bad_Name", "type": "swarm"}"#, 400, "invalid-name", at: "/name"),
            Refusal(#"{"name": "web", "type": "swarm", "parameters": {"workers": 0}}"#, 409, "already-exists"),
            Refusal(#"{"name": "bad", "type": "swarm", "paramters": {}}"#, 400, "invalid-body", at: "/paramters"),
            Refusal(#"{"name": "bad", "type": "swarm""#, 400, "invalid-body"),
            Refusal(#"{"name": "bad", "type": "swarm"}"#, 415, "unsupported-media-type", headers: ["Content-Type": "text/yaml"]),
            Refusal(#"{"name": ""# + String(repeating: "x", count: 1 << 20) + #""}"#, 413, "body-too-large"),
        ]

        /// Clients that hang up in the middle of a request.
        private static func goAway(from installation: Installation, _ clusters: String, _ account: Account) async throws {
            let port = try #require(URL(string: installation.address)?.port)
            let head =
                "POST \(clusters) HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Bearer \(account.token)\\r\\nContent-Type: application/json\\r\\n"
            for text in ["", "POST /v1", head, head + #"Content-Length: 60\r\n\r\n{"name": "gone", "type""#] {
                let sent = try await Machine.shell(
                    "exec 3<>/dev/tcp/127.0.0.1/\(port) && printf \"$TEXT\" >&3 && exec 3>&-", ["TEXT": text])
                #expect(sent.succeeded, "\(sent.text)")
            }
        }

        private static func whileDisabled(_ installation: Installation, _ clusters: String, _ account: Account) async throws {
            try await installation.client { _ = try await $0.disablePlugin("swarm") }
            let answer = try await installation.ask("POST", clusters, #"{"name": "bad", "type": "swarm"}"#, token: account.token)
            #expect(answer.status == 409 && answer.code == "plugin-disabled", "\(answer.json)")
            try await installation.client { _ = try await $0.enablePlugin("swarm") }
        }
    }
}

/// All that a tenant has, on record and on the machine.
private struct Holdings: Equatable {
    let clusters: [ID<Cluster>]
    let operations: [ID<ImpresarioModel.Operation>]
    let used: ResourceVector
    let nodes: [String]

    init(_ installation: Installation, _ account: Account) async throws {
        (clusters, operations) = try await installation.client(account.token) { client in
            (try await client.clusters(in: account.scope).all().map(\.id), try await client.operations().all().map(\.id))
        }
        used = try await installation.used(by: account)
        nodes = try await installation.nodesOfDriver()
    }
}

extension JSONValue {
    /// The field of a problem document and of those within.
    fileprivate var fields: [String] {
        let own = self["field"]?.string.map { [$0] } ?? []
        return own + (self["errors"]?.array ?? []).flatMap(\.fields)
    }
}
