// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioStore

extension Reconciler {
    func forgetAnswers() async {
        guard let records = try? await ledger.store.list(prefix: "idempotency/").records else { return }
        let horizon = parts.clock() + .seconds(-86_400)
        let old = records.filter { record in
            guard let answer = try? CanonicalJSON.decode(RememberedAnswer.self, from: record.value) else { return true }
            return answer.at < horizon
        }
        for batch in old.batches(of: 64) { _ = try? await ledger.store.commit(Transaction(writes: batch.map { .delete($0.key) })) }
    }
}
