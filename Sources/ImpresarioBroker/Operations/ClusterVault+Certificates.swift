// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ImpresarioModel

extension ClusterVault {
    func keyPair(_ name: String, profile: JSONValue) async throws(Problem) -> Data { throw Problem(.internal, "") }
    func issueCertificate(request: String, profile: JSONValue) async throws(Problem) -> Data { throw Problem(.internal, "") }
    func revocationList(authority: String, serials: [String]) async throws(Problem) -> Data { throw Problem(.internal, "") }
}
