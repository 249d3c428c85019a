// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

extension Client {
    private func request(_ method: APIRequest.Method, _ scope: Scope) -> APIRequest {
        APIRequest(method, "v1", "tenants", scope.tenant, "projects", scope.project, "clusters")
    }

    private func request(_ method: APIRequest.Method, _ scope: Scope, _ segments: String...) -> APIRequest {
        var result = request(method, scope)
        result.path += segments.map { "/" + APIRequest.encode($0) }.joined()
        return result
    }

    public func clusters(in scope: Scope) -> Pages<Cluster> { Pages(transport, request(.get, scope)) }

    public func cluster(_ name: String, in scope: Scope) async throws(Problem) -> Cluster {
        try await get(request(.get, scope, name))
    }

    /// - Parameter key: of idempotency, to be the same when a caller repeats what it does not know the end of.
    public func createCluster(_ cluster: NewCluster, in scope: Scope, key: String? = nil) async throws(Problem) -> Accepted {
        try await postOnce(try request(.post, scope).with(body: cluster), key: key)
    }

    /// Everything that creating does but the commit.
    public func dryRunCluster(_ cluster: NewCluster, in scope: Scope) async throws(Problem) -> DryRun {
        try await postOnce(try request(.post, scope).with(query: "dryRun", "true").with(body: cluster))
    }

    /// - Parameter revision: refuses with `precondition-failed` when the cluster has changed since.
    /// - Returns: without an operation where there was nothing to do.
    public func changeCluster(
        _ name: String, _ change: ClusterChange, in scope: Scope, ifMatch revision: String? = nil, key: String? = nil
    ) async throws(Problem) -> ClusterChanged {
        let request = try request(.patch, scope, name).with(body: change).with(header: "If-Match", revision.map { "\"\($0)\"" })
        return try await postOnce(request, key: key)
    }

    /// Everything that changing does but the commit.
    public func dryRunChange(_ name: String, _ change: ClusterChange, in scope: Scope) async throws(Problem) -> DryRun {
        try await postOnce(try request(.patch, scope, name).with(query: "dryRun", "true").with(body: change))
    }

    /// - Parameter revision: refuses with `precondition-failed` when the cluster has changed since.
    public func deleteCluster(_ name: String, in scope: Scope, ifMatch revision: String? = nil) async throws(Problem) -> Accepted {
        try await get(request(.delete, scope, name).with(header: "If-Match", revision.map { "\"\($0)\"" }))
    }

    /// Stops the nodes and gives back cpu and memory; disks and addresses stay.
    public func hibernateCluster(_ name: String, in scope: Scope) async throws(Problem) -> Accepted {
        try await get(request(.post, scope, name, "hibernate"))
    }

    /// - Parameter lease: from now on; without a time it is the project's default.
    public func wakeCluster(_ name: String, in scope: Scope, lease: LeaseRequest = LeaseRequest()) async throws(Problem) -> Accepted {
        try await get(try request(.post, scope, name, "wake").with(body: lease))
    }

    /// A new lease from now on; without a time it is the project's default, or none where there is no default.
    public func extendLease(ofCluster name: String, in scope: Scope, _ lease: LeaseRequest) async throws(Problem) -> Cluster {
        try await get(try request(.post, scope, name, "extend").with(body: lease))
    }

    /// - Parameter node: name or id of one to be replaced, lost or not; nil: those that are lost.
    public func repairCluster(_ name: String, node: String? = nil, in scope: Scope) async throws(Problem) -> Accepted {
        try await get(try request(.post, scope, name, "repair").with(body: RepairRequest(node: node)))
    }

    /// Oldest first.
    public func events(ofCluster name: String, in scope: Scope) -> Pages<Event> {
        Pages(transport, request(.get, scope, name, "events"))
    }

    /// Issues new credentials. Not repeated when the connection breaks: the answer is a secret that the broker does not keep.
    public func issueCredentials(_ wish: CredentialsRequest = .init(), toCluster name: String, in scope: Scope) async throws(Problem)
        -> Credentials
    {
        try await get(try request(.post, scope, name, "credentials").with(body: wish))
    }

    public func bindings(ofCluster name: String, in scope: Scope) -> Pages<Binding> {
        Pages(transport, request(.get, scope, name, "bindings"))
    }

    public func revoke(_ binding: ID<Binding>, ofCluster name: String, in scope: Scope) async throws(Problem) -> Binding {
        try await get(request(.delete, scope, name, "bindings", binding.rawValue))
    }

    /// One of the type's own operations.
    ///
    /// - Returns: an object of the out parameters.
    public func perform(
        _ operation: String, arguments: [String: JSONValue], onCluster name: String, in scope: Scope, timeout: Duration = .seconds(600)
    ) async throws(Problem) -> JSONValue {
        var call = try request(.post, scope, name, "do", operation).with(body: JSONValue.object(arguments))
        call.hold = timeout
        return try await get(call)
    }
}
