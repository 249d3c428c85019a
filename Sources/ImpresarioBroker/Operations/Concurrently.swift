// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Does `work` for every item, at most `limit` at once, and answers in the order of the items. The first problem cancels the rest.
func concurrently<Item: Sendable, Answer: Sendable>(
    _ items: [Item], limit: Int, _ work: @escaping @Sendable (Item) async throws(Problem) -> Answer
) async throws(Problem) -> [Answer] {
    do {
        return try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            var answers = [Answer?](repeating: nil, count: items.count)
            var next = 0
            func addOne() {
                guard next < items.count else { return }
                let (index, item) = (next, items[next])
                next += 1
                group.addTask { (index, try await work(item)) }
            }
            for _ in 0..<max(1, limit) { addOne() }
            while let (index, answer) = try await group.next() {
                answers[index] = answer
                addOne()
            }
            return answers.compactMap(\.self)
        }
    } catch { throw Problem(wrapping: error) }
}
