// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import ImpresarioModel

/// All routes, and which one a request is for.
struct RouteTable: Sendable {
    static let all: RouteTable = RouteTable(
        HealthRoutes.all + AccessRoutes.all + TenancyRoutes.all + ClusterRoutes.all + OperationRoutes.all + InventoryRoutes.all
            + PluginRoutes.all + EventRoutes.all + [OpenAPI.route])

    let routes: [Route]
    /// By method and number of segments, so that few are compared.
    private let index: [Key: [Route]]

    private struct Key: Hashable {
        var method: HTTPRequest.Method
        var length: Int
    }

    init(_ routes: [Route]) {
        self.routes = routes
        index = Dictionary(grouping: routes) { Key(method: $0.method, length: $0.segments.count) }
    }

    /// - Throws: `not-found`, or `method-not-allowed` with the methods that are.
    func route(_ method: HTTPRequest.Method, _ path: String) throws(Problem) -> (route: Route, parameters: [String: String]) {
        let segments = try Self.segments(of: path)
        for route in index[Key(method: method, length: segments.count)] ?? [] {
            if let parameters = route.match(segments) { return (route, parameters) }
        }
        let others = Set(routes.filter { $0.match(segments) != nil }.map(\.method.rawValue)).sorted()
        guard others.isEmpty else {
            throw Problem(
                .methodNotAllowed, "\(method.rawValue) is not possible here.", remedy: "Possible: \(others.joined(separator: ", ")).",
                facts: ["allow": .array(others.map(JSONValue.string))])
        }
        throw Problem(.notFound, "There is nothing at '\(path.prefix(200))'.", remedy: "All of the API is under /v1: see docs/rest-api.md.")
    }

    private static func segments(of path: String) throws(Problem) -> [String] {
        var result: [String] = []
        for part in path.split(separator: "/") {
            guard let text = String(part).removingPercentEncoding, !text.utf8.contains(0) else {
                throw Problem(.notFound, "'\(path.prefix(200))' is not a path in UTF-8.")
            }
            result.append(text)
        }
        return result
    }
}
