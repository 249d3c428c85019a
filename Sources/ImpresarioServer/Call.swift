// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioBroker
import ImpresarioModel

/// What a handler without a caller sees.
struct OpenCall: Sendable {
    let broker: Broker
    let version: String
}

/// A request that was let in: its caller is known, its body read, its query checked for unknown names.
struct Call: Sendable {
    let broker: Broker
    let version: String
    let caller: Caller
    let method: String
    let path: String
    let parameters: [String: String]
    let query: Query
    let headers: CallHeaders
    let body: Data
    /// The bytes of a body that is not read before; empty on other routes.
    let upload: Upload

    /// A parameter of the route's template.
    subscript(_ name: String) -> String { parameters[name] ?? "" }

    var cluster: ClusterPath { ClusterPath(tenant: self["tenant"], project: self["project"], cluster: self["cluster"]) }

    /// What a repeated request must be equal in.
    func idempotencyKey() throws(Problem) -> IdempotencyKey? {
        try headers.idempotencyKey().map { IdempotencyKey(key: $0, request: Data("\(method) \(path)\n".utf8) + body) }
    }
}
