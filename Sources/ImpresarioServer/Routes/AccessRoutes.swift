// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import ImpresarioBroker
import ImpresarioModel

enum AccessRoutes {
    static let all: [Route] = [
        Route(.get, "/v1/whoami", "Who the token belongs to") { call throws(Problem) in
            let caller = call.caller
            return try .value(
                Identity(name: caller.name, role: caller.role, tenant: caller.tenant, project: caller.project, version: call.version))
        },
        Route(.get, "/v1/tokens", "List tokens", query: Query.paging) { call throws(Problem) in
            .page(try call.broker.tokens(for: call.caller, page: try call.query.page()))
        },
        Route(.post, "/v1/tokens", "Create a token; its secret is answered this once", request: NewToken.self) { call throws(Problem) in
            let made = try await call.broker.createToken(try call.read(), for: call.caller)
            return try .created(made, at: "/v1/tokens/\(made.token.name)")
        },
        Route(.delete, "/v1/tokens/{token}", "Delete a token", query: ["tenant"]) { call throws(Problem) in
            try await call.broker.deleteToken(call["token"], of: call.query["tenant"], for: call.caller)
            return .noContent
        },
    ]
}
