// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import ImpresarioBroker
import ImpresarioModel

enum ClusterRoutes {
    static let all = lifecycle + sleep + mending + use

    private static let list = "/v1/tenants/{tenant}/projects/{project}/clusters"
    private static let one = list + "/{cluster}"

    private static let lifecycle: [Route] = [
        Route(.get, list, "List clusters", query: Query.paging) { call throws(Problem) in
            .page(
                try call.broker.clusters(of: call["project"], in: call["tenant"], for: call.caller, page: try call.query.page()))
        },
        Route(.post, list, "Create a cluster, or say what it would count", query: ["dryRun"], request: NewCluster.self) {
            call throws(Problem) in
            let new: NewCluster = try call.read()
            if try call.query.flag("dryRun") {
                return try .value(
                    try await call.broker.previewCluster(new, in: call["project"], of: call["tenant"], for: call.caller))
            }
            return try .accepted(
                try await call.broker.createCluster(
                    new, in: call["project"], of: call["tenant"], for: call.caller, key: try call.idempotencyKey()))
        },
        Route(.get, one, "Show a cluster") { call throws(Problem) in .entry(try call.broker.cluster(call.cluster, for: call.caller)) },
        Route(
            .patch, one, "Change parameters and labels, or say what that would count", query: ["dryRun"], body: .required,
            request: ClusterChange.self
        ) { call throws(Problem) in
            let change: ClusterChange = try call.read()
            if try call.query.flag("dryRun") {
                return try .value(try await call.broker.previewChange(call.cluster, change, for: call.caller))
            }
            return try .changed(
                try await call.broker.changeCluster(
                    call.cluster, change, expecting: try call.headers.ifMatch(), for: call.caller, key: try call.idempotencyKey()))
        },
        Route(.delete, one, "Delete a cluster") { call throws(Problem) in
            try .accepted(
                try await call.broker.deleteCluster(call.cluster, expecting: try call.headers.ifMatch(), for: call.caller))
        },
    ]

    private static let sleep: [Route] = [
        Route(.post, one + "/hibernate", "Stop a cluster's nodes and give back cpu and memory", body: Route.Body.none) {
            call throws(Problem) in
            try .accepted(
                try await call.broker.hibernateCluster(call.cluster, expecting: try call.headers.ifMatch(), for: call.caller))
        },
        Route(.post, one + "/wake", "Start a hibernated cluster", body: .optional, request: LeaseRequest.self) { call throws(Problem) in
            try .accepted(
                try await call.broker.wakeCluster(
                    call.cluster, lease: try call.readOptional() ?? LeaseRequest(), expecting: try call.headers.ifMatch(),
                    for: call.caller))
        },
        Route(.post, one + "/extend", "Give a cluster a new lease from now on", body: .optional, request: LeaseRequest.self) {
            call throws(Problem) in
            try .value(
                try await call.broker.extendLease(
                    call.cluster, try call.readOptional() ?? LeaseRequest(), expecting: try call.headers.ifMatch(), for: call.caller))
        },
    ]

    private static let mending: [Route] = [
        Route(.post, one + "/repair", "Replace lost nodes of a cluster", body: .optional, request: RepairRequest.self) {
            call throws(Problem) in
            try .accepted(
                try await call.broker.repairCluster(call.cluster, try call.readOptional() ?? RepairRequest(), for: call.caller))
        }
    ]

    private static let use: [Route] = [
        Route(.get, one + "/events", "List what happened to a cluster", query: Query.paging) { call throws(Problem) in
            .page(try await call.broker.events(of: call.cluster, for: call.caller, page: try call.query.page()))
        },
        Route(.post, one + "/credentials", "Issue credentials", body: .optional, request: CredentialsRequest.self) { call throws(Problem) in
            let wish: CredentialsRequest = call.body.isEmpty ? CredentialsRequest() : try call.read()
            return try .value(try await call.broker.issueCredentials(of: call.cluster, wish, for: call.caller), status: .created)
        },
        Route(.get, one + "/bindings", "List issued credentials", query: Query.paging) { call throws(Problem) in
            .page(try call.broker.bindings(of: call.cluster, for: call.caller, page: try call.query.page()))
        },
        Route(.delete, one + "/bindings/{binding}", "Revoke credentials") { call throws(Problem) in
            try .value(try await call.broker.revokeBinding(call["binding"], of: call.cluster, for: call.caller))
        },
        Route(.post, one + "/do/{operation}", "Call an operation of the cluster's type", body: .optional) { call throws(Problem) in
            let arguments = call.body.isEmpty ? .object([:]) : try BodyReader.json(call.body)
            return try .value(
                try await call.broker.perform(call["operation"], on: call.cluster, arguments: arguments, for: call.caller))
        },
    ]
}
