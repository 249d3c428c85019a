// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

extension Client {
    public func zones() -> Pages<Zone> { Pages(transport, APIRequest(.get, "v1", "zones")) }

    public func hosts() -> Pages<Host> { Pages(transport, APIRequest(.get, "v1", "hosts")) }

    public func host(_ name: String) async throws(Problem) -> HostDetail { try await get(APIRequest(.get, "v1", "hosts", name)) }

    public func updateHost(_ name: String, _ update: HostUpdate) async throws(Problem) -> Host {
        try await get(try APIRequest(.put, "v1", "hosts", name).with(body: update))
    }

    public func flavors() -> Pages<Flavor> { Pages(transport, APIRequest(.get, "v1", "flavors")) }

    public func createFlavor(_ flavor: NewFlavor) async throws(Problem) -> Flavor {
        try await postOnce(try APIRequest(.post, "v1", "flavors").with(body: flavor))
    }

    public func deleteFlavor(_ name: String) async throws(Problem) { try await done(APIRequest(.delete, "v1", "flavors", name)) }

    public func types() -> Pages<TypeView> { Pages(transport, APIRequest(.get, "v1", "types")) }

    public func type(_ id: String) async throws(Problem) -> TypeView { try await get(APIRequest(.get, "v1", "types", id)) }
}
