// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import ImpresarioClient
import ImpresarioModel
import NIOCore
import NIOHTTP1

extension Benchmark {
    /// Tenants made durably and read over HTTP, by how many ask at once, each over a connection of its own. The clients share the machine with the
    /// broker and only count bytes.
    static let server = Benchmark(subject: "server", isSkipped: RealBroker.obstacle) { report in
        try await RealBroker.with(in: report.folder) { broker in
            var configuration = HTTPClient.Configuration()
            configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
            let http = HTTPClient(configuration: configuration)
            do {
                try await measure(broker, http, report)
            } catch {
                try? await http.shutdown()
                throw error
            }
            try await http.shutdown()
        }
    }

    private static func measure(_ broker: RealBroker, _ http: HTTPClient, _ report: Report) async throws {
        let tenants = broker.url + "/v1/tenants"
        let headers: HTTPHeaders = ["Authorization": "Bearer \(broker.token)", "Content-Type": "application/json"]
        var created = 0
        for clients in [1, 16, 64] {
            try Interruption.check()
            let load = try await Load.run(clients: clients, for: .seconds(3)) { client, round in
                var request = HTTPClientRequest(url: tenants)
                request.method = .POST
                request.headers = headers
                let body = #"{"name":"t-\#(clients)-\#(client)-\#(round)","limits":{"cpu":"4","memory":"8Gi","node":10}}"#
                request.body = .bytes(ByteBuffer(string: body))
                try await answer(to: request, by: http, expecting: .created)
            }
            load.report("server.create.\(clients)", to: report)
            created += load.latencies.count
        }
        var count = 0
        for try await _ in broker.client.tenants() { count += 1 }
        guard count == created else { throw Problem(.internal, "\(created) tenants were made and \(count) are there.") }
        for clients in [1, 16, 64] {
            try Interruption.check()
            let load = try await Load.run(clients: clients, for: .seconds(3)) { client, _ in
                var request = HTTPClientRequest(url: "\(tenants)/t-\(clients)-\(client)-0")
                request.headers = headers
                try await answer(to: request, by: http, expecting: .ok)
            }
            load.report("server.read.\(clients)", to: report)
        }
    }

    private static func answer(to request: HTTPClientRequest, by http: HTTPClient, expecting status: HTTPResponseStatus) async throws {
        let answer = try await http.execute(request, timeout: .seconds(30))
        let body = try await answer.body.collect(upTo: 1 << 20)
        guard answer.status == status else {
            throw Problem(.internal, "\(request.url) was answered with \(answer.status): \(String(buffer: body))")
        }
    }
}
