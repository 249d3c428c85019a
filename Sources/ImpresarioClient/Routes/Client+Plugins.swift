// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

extension Client {
    /// All versions of all plugins.
    public func plugins() -> Pages<Plugin> { Pages(transport, APIRequest(.get, "v1", "plugins")) }

    public func plugin(_ id: String) async throws(Problem) -> PluginDetail { try await get(APIRequest(.get, "v1", "plugins", id)) }

    /// Sends a library, which the broker checks in a throw-away guest and keeps under its content's hash. One that it has already is no error.
    ///
    /// - Parameter path: a file of this machine; it is streamed.
    public func installPlugin(file path: String) async throws(Problem) -> Plugin {
        var request = APIRequest(.post, "v1", "plugins")
        request.upload = try FileUpload(path: path)
        request.hold = .seconds(120)
        return try await get(request)
    }

    public func enablePlugin(_ id: String, _ wish: EnablePlugin = .init()) async throws(Problem) -> Plugin {
        try await get(try act(on: id, "enable").with(body: wish))
    }

    /// New clusters are refused from then on; those that exist stay managed.
    public func disablePlugin(_ id: String, _ version: PluginVersion = .init()) async throws(Problem) -> Plugin {
        try await get(try act(on: id, "disable").with(body: version))
    }

    /// Enables another version for new clusters, unless it would plan differently for those that exist.
    public func upgradePlugin(_ id: String, _ wish: UpgradePlugin) async throws(Problem) -> ShadowReport {
        var request = try act(on: id, "upgrade").with(body: wish)
        // Every live cluster is planned twice.
        request.hold = .seconds(600)
        return try await get(request)
    }

    /// Lets another version manage clusters, each by an operation of its own.
    public func movePins(ofPlugin id: String, _ wish: MovePins) async throws(Problem) -> PinMoves {
        try await get(try act(on: id, "move").with(body: wish))
    }

    /// Back to the version before, with its state; refused where newer state was written since.
    public func rollBackPins(ofPlugin id: String, _ wish: MovePins) async throws(Problem) -> PinMoves {
        try await get(try act(on: id, "rollback").with(body: wish))
    }

    /// Refused while clusters are pinned to it.
    ///
    /// - Returns: the version that is gone.
    public func uninstallPlugin(_ id: String, _ version: PluginVersion = .init()) async throws(Problem) -> Plugin {
        try await get(try act(on: id, "uninstall").with(body: version))
    }

    /// Nothing calls the version any more until it is lifted.
    public func quarantinePlugin(_ id: String, _ wish: QuarantinePlugin) async throws(Problem) -> Plugin {
        try await get(try act(on: id, "quarantine").with(body: wish))
    }

    public func liftPlugin(_ id: String, _ version: PluginVersion = .init()) async throws(Problem) -> Plugin {
        try await get(try act(on: id, "lift").with(body: version))
    }

    private func act(on id: String, _ verb: String) -> APIRequest { APIRequest(.post, "v1", "plugins", id, verb) }
}
