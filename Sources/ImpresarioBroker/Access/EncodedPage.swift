// SPDX-License-Identifier: Apache-2.0

public import FoundationEssentials
import ImpresarioModel

/// Which part of a list is wanted.
public struct PageRequest: Sendable, Hashable {
    public static let limits = 1...500
    public var limit: Int
    /// The `next` of the page before.
    public var after: String?

    public init(limit: Int = 100, after: String? = nil) {
        self.limit = limit
        self.after = after
    }
}

/// Encoded records in order of key, ready to be written between brackets.
public struct EncodedPage: Sendable, Hashable {
    public let items: [Data]
    /// Nil on the last page.
    public let next: String?

    static func of<Value>(_ entries: some Sequence<(key: String, entry: Entry<Value>)>, _ request: PageRequest) throws(Problem)
        -> EncodedPage
    {
        var rest = entries.sorted { $0.key < $1.key }[...]
        if let after = request.after {
            guard let data = Data(base64Encoded: after), let key = String(bytes: data, encoding: .utf8) else {
                throw Problem(.invalidQuery, "'continue' is not one that a list answered.", field: "continue")
            }
            rest = rest.drop { $0.key <= key }
        }
        let page = rest.prefix(request.limit)
        let isLast = page.count == rest.count
        return EncodedPage(items: page.map(\.entry.bytes), next: isLast ? nil : page.last.map { Data($0.key.utf8).base64EncodedString() })
    }
}
