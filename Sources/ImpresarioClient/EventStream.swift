// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
public import ImpresarioModel
import NIOCore

extension Client {
    /// What happened, oldest first.
    public func eventList() -> Pages<Event> { Pages(transport, APIRequest(.get, "v1", "events")) }

    /// What happens, as it does.
    ///
    /// - Parameter id: of the last event that was seen; nil begins now.
    public func events(after id: Int64? = nil) -> EventStream { EventStream(transport: transport, after: id) }
}

/// Events as they are recorded. It ends when the broker stops or this reader is too slow; go on with ``Client/events(after:)`` and the last id.
public struct EventStream: AsyncSequence, Sendable {
    public struct Element: Sendable, Hashable {
        /// To resume after.
        public var id: Int64
        public var event: Event
    }

    public typealias Failure = Problem

    let transport: Transport
    let after: Int64?

    public struct AsyncIterator: AsyncIteratorProtocol {
        let stream: EventStream
        var chunks: HTTPClientResponse.Body.AsyncIterator?
        var parser = ServerSentEventParser()
        var ready: ArraySlice<Element> = []

        public mutating func next() async throws(Problem) -> Element? { try await next(isolation: nil) }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(Problem) -> Element? {
            if chunks == nil {
                var request = APIRequest(.get, "v1", "events").with(header: "Accept", "text/event-stream")
                request = request.with(header: "Last-Event-ID", stream.after.map(String.init))
                request.hold = .seconds(365 * 86_400)
                chunks = try await stream.transport.stream(request).body.makeAsyncIterator()
            }
            while ready.isEmpty {
                let chunk: ByteBuffer?
                do { chunk = try await chunks?.next(isolation: actor) } catch {
                    if Task.isCancelled { throw Transport.cancelled }
                    throw Problem(.unreachable, "The stream of events broke.", detail: String(describing: error))
                }
                guard let chunk else { return nil }
                for message in parser.feed(chunk.readableBytesView) {
                    guard let id = message.id.flatMap({ Int64($0) }),
                        let event = try? CanonicalJSON.decode(Event.self, from: Data(message.data.utf8))
                    else { throw Problem(.invalidAnswer, "The stream of events is not understood.") }
                    ready.append(Element(id: id, event: event))
                }
            }
            return ready.removeFirst()
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: self) }
}
