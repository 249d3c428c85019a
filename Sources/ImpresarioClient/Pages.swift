// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

/// The items of a list, fetched a page at a time as they are asked for.
public struct Pages<Item: Codable & Sendable>: AsyncSequence, Sendable {
    public typealias Failure = Problem

    let transport: Transport
    let request: APIRequest
    let pageSize: Int

    init(_ transport: Transport, _ request: APIRequest, pageSize: Int = 100) {
        self.transport = transport
        self.request = request
        self.pageSize = pageSize
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        let list: Pages
        var items: ArraySlice<Item> = []
        var next: String?
        var isLast = false

        public mutating func next() async throws(Problem) -> Item? { try await next(isolation: nil) }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(Problem) -> Item? {
            while items.isEmpty {
                guard !isLast else { return nil }
                let request = list.request.with(query: "limit", String(list.pageSize)).with(query: "continue", next)
                let page: Page<Item> = try await list.transport.send(request).value
                items = page.items[...]
                next = page.continue
                isLast = page.continue == nil
            }
            return items.removeFirst()
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(list: self) }

    /// Every item of every page.
    public func all() async throws(Problem) -> [Item] {
        var result: [Item] = []
        var iterator = makeAsyncIterator()
        while let item = try await iterator.next(isolation: nil) { result.append(item) }
        return result
    }
}
