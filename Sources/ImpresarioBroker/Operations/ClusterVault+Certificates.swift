// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ImpresarioModel

/// A cluster's authorities and what they issued, kept sealed among its secrets under names that begin with a point.
extension ClusterVault {
    private struct KeptAuthority: Codable {
        var cert: String
        var key: String
    }

    /// Asked for again under the same name, the same pair comes back: a verb that is repeated does not lock out what its first attempt set up.
    func keyPair(_ name: String, profile document: JSONValue) async throws(Problem) -> Data {
        try Self.check(name)
        let profile = try CertificateProfile(document)
        if profile.isAuthority {
            let authority = try await authority(profile.authority, commonName: profile.commonName, profile: profile)
            let certificate = try authority.certificatePEM
            return try encode(
                IssuedCertificate(
                    certificate: certificate, key: nil, authority: certificate, serial: authority.serial, expiresAt: authority.expiresAt))
        }
        let authority = try await authority(profile.authority)
        if profile.isFresh { return try encode(authority.issue(profile, now: clock())) }
        return try await kept(".pair/\(name)") { () throws(Problem) in try encode(authority.issue(profile, now: clock())) }
    }

    /// Leaf first.
    func issueCertificate(request: String, profile document: JSONValue) async throws(Problem) -> Data {
        let profile = try CertificateProfile(document)
        let issued = try await authority(profile.authority).issue(request: request, profile, now: clock())
        return Data(issued.chain.utf8)
    }

    func revocationList(authority name: String, serials: [String]) async throws(Problem) -> Data {
        guard let kept = try await openSecret(".authority/\(name)") else {
            throw Problem(.notFound, "The cluster has no certificate authority '\(name.prefix(80))'.")
        }
        // Milliseconds grow from one list to the next, also over restarts.
        let number = UInt64(clamping: clock().milliseconds)
        return Data(try open(kept.value).revocationList(serials: serials, number: number, now: clock()).utf8)
    }

    /// The named authority; one that is named for the first time is created.
    private func authority(_ name: String, commonName: String? = nil, profile: CertificateProfile? = nil) async throws(Problem) -> Authority
    {
        let kept = try await kept(".authority/\(name)") { () throws(Problem) in
            let made = try Authority.create(
                commonName: commonName ?? String("\(name) of \(cluster)".prefix(64)), organizations: profile?.organizations ?? [],
                lifetime: profile?.lifetime, now: clock())
            return try encode(KeptAuthority(cert: made.certificatePEM, key: made.keyPEM))
        }
        return try open(kept)
    }

    private func open(_ bytes: Data) throws(Problem) -> Authority {
        do {
            let kept = try CanonicalJSON.decode(KeptAuthority.self, from: bytes)
            return try Authority(certificatePEM: kept.cert, keyPEM: kept.key)
        } catch { throw Problem(wrapping: error) }
    }

    /// What is kept under the name, or what is made and kept now. When somebody else was quicker, theirs.
    private func kept(_ name: String, _ make: () throws(Problem) -> Data) async throws(Problem) -> Data {
        if let known = try await openSecret(name) { return known.value }
        let made = try make()
        do throws(Problem) {
            _ = try await sealSecret(name, made, expecting: 0)
            return made
        } catch {
            guard error.is(.conflict), let known = try await openSecret(name) else { throw error }
            return known.value
        }
    }

    private func encode(_ value: some Encodable) throws(Problem) -> Data {
        do { return try CanonicalJSON.encode(value) } catch { throw Problem(wrapping: error) }
    }
}
