// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel
import NIOSSL

/// Where the API is served and how. It cannot be made in a way that is not safe to start.
public struct ServerConfiguration: Sendable, Hashable {
    /// PEM files.
    public struct TLS: Sendable, Hashable {
        /// The server's certificate first, then those that lead to its authority.
        public var certificates: String
        public var key: String

        public init(certificates: String, key: String) {
            self.certificates = certificates
            self.key = key
        }

        func configuration() throws(Problem) -> TLSConfiguration {
            let chain: [NIOSSLCertificate]
            do { chain = try NIOSSLCertificate.fromPEMFile(certificates) } catch { throw Self.unusable(certificates, error) }
            guard !chain.isEmpty else { throw Self.unusable(certificates, NIOSSLError.failedToLoadCertificate) }
            let privateKey: NIOSSLPrivateKey
            do { privateKey = try NIOSSLPrivateKey(file: key, format: .pem) } catch { throw Self.unusable(key, error) }
            var result = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
            result.minimumTLSVersion = .tlsv12
            return result
        }

        private static func unusable(_ path: String, _ error: any Error) -> Problem {
            Problem(
                .invalidUsage, "\(path) cannot be used for TLS.", detail: String(describing: error),
                remedy: "Name readable PEM files of a certificate chain and its private key.")
        }
    }

    /// An address of this machine or a name that resolves to one.
    public let host: String
    /// 0 lets the system choose.
    public let port: Int
    public let tls: TLS?
    /// What `whoami` answers.
    public let version: String

    /// - Parameter listen: `host:port`, `[ipv6]:port`.
    /// - Throws: ``Problem`` `invalid-usage` for what is no address, and for an address that others reach without TLS.
    public init(listen: String, tls: TLS? = nil, version: String) throws(Problem) {
        guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]), (0...65_535).contains(port),
            let host = Self.host(String(listen[..<colon]))
        else {
            throw Problem(
                .invalidUsage, "'\(listen.prefix(100))' is not an address to listen on.", field: "listen",
                remedy: "Write it like 127.0.0.1:7070, [::1]:7070 or 127.0.0.1:0.")
        }
        guard tls != nil || Self.isLoopback(host) else {
            throw Problem(
                .invalidUsage, "Other machines could read tokens on their way to \(listen): it is not served without TLS.", field: "listen",
                remedy: "Name a certificate and its key, or listen on 127.0.0.1.")
        }
        self.host = host
        self.port = port
        self.tls = tls
        self.version = version
    }

    private static func host(_ text: String) -> String? {
        if text.hasPrefix("["), text.hasSuffix("]") { return String(text.dropFirst().dropLast()) }
        return text.isEmpty || text.contains(":") || text.contains("/") ? nil : text
    }

    static func isLoopback(_ host: String) -> Bool {
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return host == "localhost" || host == "::1" || (octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil })
    }
}
