// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import ImpresarioModel

/// `/openapi.json`: the API described for programs, out of the same table that serves it.
enum OpenAPI {
    static let route: Route = Route(
        .get, "/openapi.json", "This description",
        handler: .open { call throws(Problem) in try .value(document(RouteTable.all.routes, version: call.version)) })

    /// OpenAPI 3.1. Records are told by name only: docs/rest-api.md tells their members.
    static func document(_ routes: [Route], version: String) -> JSONValue {
        var paths: [String: [String: JSONValue]] = [:]
        for route in routes { paths[route.template, default: [:]][route.method.rawValue.lowercased()] = operation(route) }
        return [
            "openapi": "3.1.0", "info": ["title": "Impresario", "version": .string(version)],
            "paths": .object(paths.mapValues(JSONValue.object)),
            "components": [
                "securitySchemes": ["token": ["type": "http", "scheme": "bearer"]],
                "schemas": ["Problem": problem],
            ],
        ]
    }

    private static func operation(_ route: Route) -> JSONValue {
        let path = route.segments.compactMap { segment -> JSONValue? in
            guard case .parameter(let name) = segment else { return nil }
            return ["name": .string(name), "in": "path", "required": true, "schema": ["type": "string"]]
        }
        let query = route.query.map { name -> JSONValue in ["name": .string(name), "in": "query", "schema": ["type": "string"]] }
        var result: [String: JSONValue] = [
            "summary": .string(route.summary), "operationId": .string(identifier(route)), "parameters": .array(path + query),
            "responses": [
                "2XX": ["description": "Done, or begun."],
                "default": [
                    "description": "Refused or failed.",
                    "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
                ],
            ],
        ]
        if case .closed = route.handler { result["security"] = [["token": []]] }
        if route.body != .none {
            let content: JSONValue =
                route.body == .stream
                ? ["application/octet-stream": ["schema": ["type": "string", "format": "binary"]]]
                : ["application/json": ["schema": schema(route.request)]]
            result["requestBody"] = ["required": .bool(route.body != .optional), "content": content]
        }
        return .object(result)
    }

    private static func schema(_ request: (any ImpresarioModel.RequestBody.Type)?) -> JSONValue {
        guard let request else { return ["type": "object"] }
        let members = request.members.map { ($0, JSONValue.object([:])) }
        return [
            "type": "object", "additionalProperties": false,
            "properties": .object(Dictionary(members, uniquingKeysWith: { first, _ in first })),
        ]
    }

    /// `get_v1_tenants_tenant_quota`: stable, unique, and a name in most languages.
    private static func identifier(_ route: Route) -> String {
        let words = route.segments.map { segment in
            switch segment {
            case .literal(let text): text.replacing(".", with: "_")
            case .parameter(let name): name
            }
        }
        return ([route.method.rawValue.lowercased()] + words).joined(separator: "_")
    }

    private static let problem: JSONValue = [
        "type": "object", "required": ["type", "title", "status", "code", "detail", "owner"],
        "properties": [
            "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"],
            "code": ["type": "string", "description": "Stable."], "detail": ["type": "string", "description": "A sentence for people."],
            "field": ["type": "string", "description": "A JSON pointer into the request, or the name of a header or query parameter."],
            "owner": ["enum": ["tenant", "admin", "plugin", "infrastructure"], "description": "Who can mend it."],
            "remedy": ["type": "string"],
            "retryable": ["type": "boolean"], "facts": ["type": "object"],
            "errors": ["type": "array", "items": ["$ref": "#/components/schemas/Problem"]],
            "cause": ["type": "array", "items": ["$ref": "#/components/schemas/Problem"]],
        ],
    ]
}
