// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

extension Client {
    /// Who the broker takes us for.
    public func whoami() async throws(Problem) -> Identity { try await get(APIRequest(.get, "v1", "whoami")) }

    public func tokens() -> Pages<TokenView> { Pages(transport, APIRequest(.get, "v1", "tokens")) }

    /// Not repeated when the connection breaks: the answer is a secret that the broker does not keep.
    public func createToken(_ token: NewToken) async throws(Problem) -> IssuedToken {
        try await get(try APIRequest(.post, "v1", "tokens").with(body: token))
    }

    /// - Parameter tenant: whose token it is; nil is the caller's own tenant, or for an admin the installation's own tokens.
    public func deleteToken(_ name: String, ofTenant tenant: String? = nil) async throws(Problem) {
        try await done(APIRequest(.delete, "v1", "tokens", name).with(query: "tenant", tenant))
    }
}
