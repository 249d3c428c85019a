// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import ImpresarioBroker
import ImpresarioModel

/// What a handler answers, before it is HTTP.
struct Answer: Sendable {
    enum Body: Sendable {
        case none
        case json(Data)
        case events(EventFeed)
    }

    var status: HTTPResponse.Status = .ok
    var body: Body = .none
    var revision: Int64?
    var location: String?

    static let noContent = Answer(status: .noContent)

    static func value(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws(Problem) -> Answer {
        do { return Answer(status: status, body: .json(try CanonicalJSON.encode(value))) } catch {
            throw Problem(.internal, "The answer could not be written.", detail: String(describing: error))
        }
    }

    /// A record by its stored bytes.
    static func entry<Value>(_ entry: Entry<Value>) -> Answer { Answer(body: .json(entry.bytes), revision: entry.revision) }

    /// Stored bytes between brackets; nothing is decoded.
    static func page(_ page: EncodedPage) -> Answer { list(page.items, next: page.next) }

    static func list(_ items: [Data], next: String?) -> Answer {
        var data = Data(#"{"items":["#.utf8)
        for (index, item) in items.enumerated() {
            if index > 0 { data.append(0x2c) }
            data.append(item)
        }
        data.append(0x5d)
        // Base 64 needs no escapes.
        if let next { data.append(contentsOf: #","continue":"\#(next)""#.utf8) }
        data.append(0x7d)
        return Answer(body: .json(data))
    }

    static func accepted(_ accepted: Accepted) throws(Problem) -> Answer {
        var answer = try value(accepted, status: .accepted)
        answer.location = "/v1/operations/\(accepted.operation.id)"
        return answer
    }

    static func changed(_ changed: ClusterChanged) throws(Problem) -> Answer {
        guard let operation = changed.operation else { return try value(changed.cluster) }
        return try accepted(Accepted(operation: operation, cluster: changed.cluster))
    }

    static func created(_ record: some Encodable, at location: String) throws(Problem) -> Answer {
        var answer = try value(record, status: .created)
        answer.location = location
        return answer
    }
}
