// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import ImpresarioBroker
import ImpresarioModel

enum EventRoutes {
    static let all: [Route] = [
        Route(.get, "/v1/events", "List events, or follow them as server-sent events", query: Query.paging) { call throws(Problem) in
            guard call.headers.wantsEventStream else {
                return .page(try await call.broker.events(for: call.caller, page: try call.query.page()))
            }
            return Answer(
                body: .events(EventFeed(broker: call.broker, caller: call.caller, after: try call.headers.lastEventID())))
        }
    ]
}
