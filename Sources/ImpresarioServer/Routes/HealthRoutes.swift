// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import ImpresarioBroker
import ImpresarioModel

enum HealthRoutes {
    private static let ok: JSONValue = ["status": "ok"]

    static let all: [Route] = [
        Route(.get, "/healthz", "Whether the process serves requests", handler: .open { _ throws(Problem) in try .value(ok) }),
        Route(
            .get, "/readyz", "Whether the store is read and work is done",
            handler: .open { call throws(Problem) in
                guard call.broker.isReady else { throw Problem(.shuttingDown, "The broker is not ready.") }
                return try .value(ok)
            }),
    ]
}
