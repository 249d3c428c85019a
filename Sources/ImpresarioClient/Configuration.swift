// SPDX-License-Identifier: Apache-2.0

extension Client {
    /// Where the broker is and who asks.
    public struct Configuration: Sendable, Hashable {
        public var server: ServerAddress
        /// The bearer token; nil asks without one, which only `/healthz` and `/readyz` answer.
        public var token: String?
        public var trust: Trust
        /// For one answer, without what a long poll adds to it.
        public var timeout: Duration
        public var retry: RetryPolicy

        public init(
            server: ServerAddress, token: String? = nil, trust: Trust = .system, timeout: Duration = .seconds(60),
            retry: RetryPolicy = RetryPolicy()
        ) {
            self.server = server
            self.token = token
            self.trust = trust
            self.timeout = timeout
            self.retry = retry
        }
    }

    /// Whose certificates are believed.
    public enum Trust: Sendable, Hashable {
        /// What this machine trusts.
        case system
        /// The certificates of a PEM file and nothing else. The file may hold an authority, or pin the server by holding its own self-signed
        /// certificate.
        case file(String)
    }
}
