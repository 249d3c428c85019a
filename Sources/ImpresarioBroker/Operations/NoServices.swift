// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import ImpresarioInfrastructure
package import ImpresarioModel
import ImpresarioPlugins

/// The host table of a call that stands for no cluster: everything but the log is refused.
package struct NoServices: HostServices {
    package init() {}

    private var refusal: Problem {
        Problem(.pluginFailed, "The plugin asked for a cluster's resources in a call that has no cluster.")
    }

    package func execute(_ commands: [(node: String, command: NodeCommand)]) async throws(Problem) -> [CommandOutcome] { throw refusal }
    package func put(_ files: [(node: String, file: NodeFile)]) async throws(Problem) { throw refusal }
    package func get(node: String, path: String, limit: Int) async throws(Problem) -> Data { throw refusal }
    package func declare(nodes: [String], service: ServiceSpecification) async throws(Problem) { throw refusal }
    package func state(_ key: String) async throws(Problem) -> (value: Data, version: UInt64)? { throw refusal }
    package func putState(_ key: String, _ value: Data, expecting: UInt64) async throws(Problem) -> UInt64 { throw refusal }
    package func secret(_ name: String) async throws(Problem) -> (value: Data, version: UInt64)? { throw refusal }
    package func putSecret(_ name: String, _ value: Data, expecting: UInt64) async throws(Problem) -> UInt64 { throw refusal }
    package func keyPair(_ name: String, profile: JSONValue) async throws(Problem) -> Data { throw refusal }
    package func issueCertificate(request: String, profile: JSONValue) async throws(Problem) -> Data { throw refusal }
    package func revocationList(authority: String, serials: [String]) async throws(Problem) -> Data { throw refusal }
    package func log(severity: Int, message: String, fields: JSONValue?) {}
    package func progress(_ per10000: Int, phase: String) {}
    package func event(_ type: String, data: JSONValue) {}
}
