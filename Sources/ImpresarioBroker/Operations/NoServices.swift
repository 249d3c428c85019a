// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins

/// The host table of a call that stands for no cluster: everything but the log is refused.
struct NoServices: HostServices {
    private var refusal: Problem {
        Problem(.pluginFailed, "The plugin asked for a cluster's resources in a call that has no cluster.")
    }

    func execute(_ commands: [(node: String, command: NodeCommand)]) async throws(Problem) -> [CommandOutcome] { throw refusal }
    func put(_ files: [(node: String, file: NodeFile)]) async throws(Problem) { throw refusal }
    func get(node: String, path: String, limit: Int) async throws(Problem) -> Data { throw refusal }
    func declare(nodes: [String], service: ServiceSpecification) async throws(Problem) { throw refusal }
    func state(_ key: String) async throws(Problem) -> (value: Data, version: UInt64)? { throw refusal }
    func putState(_ key: String, _ value: Data, expecting: UInt64) async throws(Problem) -> UInt64 { throw refusal }
    func secret(_ name: String) async throws(Problem) -> (value: Data, version: UInt64)? { throw refusal }
    func putSecret(_ name: String, _ value: Data, expecting: UInt64) async throws(Problem) -> UInt64 { throw refusal }
    func keyPair(_ name: String, profile: JSONValue) async throws(Problem) -> Data { throw refusal }
    func issueCertificate(request: String, profile: JSONValue) async throws(Problem) -> Data { throw refusal }
    func revocationList(authority: String, serials: [String]) async throws(Problem) -> Data { throw refusal }
    func log(severity: Int, message: String, fields: JSONValue?) {}
    func progress(_ per10000: Int, phase: String) {}
    func event(_ type: String, data: JSONValue) {}
}
