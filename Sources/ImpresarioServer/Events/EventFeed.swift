// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import ImpresarioBroker
import ImpresarioModel
import NIOCore
import ServiceLifecycle

/// Events as a `text/event-stream`: the revision as id, the type as event, the record as data.
///
/// It ends with the client (seen at the next write, which is why there are heartbeats), with the server, or when the client reads too slowly;
/// with `Last-Event-ID` a client goes on where it was.
struct EventFeed: Sendable {
    static let heartbeat: Duration = .seconds(10)
    /// Events a client may be behind.
    static let backlog = 1_000

    let broker: Broker
    let caller: Caller
    let after: Int64?

    private enum Item: Sendable {
        case event(id: Int64, type: String, data: Data)
        case heartbeat

        var text: Data {
            switch self {
            case .heartbeat: return Data(": \n\n".utf8)
            case .event(let id, let type, let data):
                return Data("id: \(id)\nevent: \(Self.line(type))\ndata: ".utf8) + data + Data("\n\n".utf8)
            }
        }

        /// Types of plugins' own events are theirs to choose; a line break would begin another field.
        private static func line(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }) }
    }

    func body() -> ResponseBody {
        ResponseBody { writer in
            let (items, input) = AsyncStream.makeStream(of: Item.self, bufferingPolicy: .bufferingOldest(Self.backlog))
            // The head goes out with the first write: a client sees at once that it is connected.
            try await writer.write(ByteBuffer(bytes: Item.heartbeat.text))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { input.finish() }
                    try? await cancelWhenGracefulShutdown {
                        for try await event in broker.eventStream(after: after, for: caller) {
                            let item = Item.event(id: event.revision, type: event.event.type, data: event.bytes)
                            // Better an end that the client sees than a gap that it does not.
                            guard case .enqueued = input.yield(item) else { return }
                        }
                    }
                }
                group.addTask {
                    while !Task.isCancelled {
                        try await Task.sleep(for: Self.heartbeat)
                        input.yield(.heartbeat)
                    }
                }
                defer { group.cancelAll() }
                for await item in items { try await writer.write(ByteBuffer(bytes: item.text)) }
            }
            try await writer.finish(nil)
        }
    }
}
