// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import ImpresarioBroker
import ImpresarioModel

enum InventoryRoutes {
    static let all = machines + flavors + types

    private static let machines: [Route] = [
        Route(.get, "/v1/zones", "List zones", query: Query.paging) { call throws(Problem) in
            .page(try call.broker.zones(for: call.caller, page: try call.query.page()))
        },
        Route(.get, "/v1/hosts", "List hosts", query: Query.paging) { call throws(Problem) in
            .page(try call.broker.hosts(for: call.caller, page: try call.query.page()))
        },
        Route(.get, "/v1/hosts/{host}", "Show a host and what it carries") { call throws(Problem) in
            try .value(try call.broker.host(call["host"], for: call.caller))
        },
        Route(.put, "/v1/hosts/{host}", "Change a host", request: HostUpdate.self) { call throws(Problem) in
            try .value(
                try await call.broker.changeHost(
                    call["host"], try call.read(), expecting: try call.headers.ifMatch(), for: call.caller))
        },
    ]

    private static let flavors: [Route] = [
        Route(.get, "/v1/flavors", "List flavors", query: Query.paging) { call throws(Problem) in
            .page(try call.broker.flavors(for: call.caller, page: try call.query.page()))
        },
        Route(.post, "/v1/flavors", "Create a flavor", request: NewFlavor.self) { call throws(Problem) in
            let new: NewFlavor = try call.read()
            let flavor = try await call.broker.createFlavor(
                new.name, resources: new.resources, hourlyPrice: new.hourlyPrice, for: call.caller, key: try call.idempotencyKey())
            return try .created(flavor, at: "/v1/flavors/\(flavor.name)")
        },
        Route(.delete, "/v1/flavors/{flavor}", "Delete a flavor") { call throws(Problem) in
            try await call.broker.deleteFlavor(call["flavor"], expecting: try call.headers.ifMatch(), for: call.caller)
            return .noContent
        },
    ]

    private static let types: [Route] = [
        Route(.get, "/v1/types", "List cluster types", query: Query.paging) { call throws(Problem) in
            // Few and from memory: one page holds them all.
            _ = try call.query.page()
            return try .value(Page(items: call.broker.types(for: call.caller)))
        },
        Route(.get, "/v1/types/{type}", "Show a cluster type") { call throws(Problem) in
            try .value(try call.broker.type(call["type"], for: call.caller))
        },
    ]
}
