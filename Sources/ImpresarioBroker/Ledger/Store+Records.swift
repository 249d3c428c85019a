// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioStore

extension Store {
    /// A record that is not held in memory; nil when there is none.
    func record<Value: Decodable>(_ type: Value.Type = Value.self, at key: String) async throws(Problem) -> Value? {
        do {
            return try await get(key).map { try CanonicalJSON.decode(from: $0.value) }
        } catch let error as StoreError {
            throw Ledger.problem(error)
        } catch { throw Problem(wrapping: error) }
    }
}
