// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials
public import ImpresarioModel

/// Bearer secrets: `imp_` and 43 characters of base64url over 256 random bits. Only their SHA-256 is stored.
enum BearerSecret {
    static func draw() -> String {
        let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        let text = bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        return "imp_" + text
    }

    static func hash(_ secret: String) -> String {
        SHA256.hash(data: Data(secret.utf8)).hexadecimal
    }
}

extension Digest {
    /// Lower case.
    var hexadecimal: String { map { String($0, radix: 16).leftPadded(to: 2) }.joined() }
}

extension String {
    fileprivate func leftPadded(to width: Int) -> String { String(repeating: "0", count: max(0, width - count)) + self }
}

extension Broker {
    /// - Throws: `unauthenticated`, in the same words for every reason.
    public func authenticate(bearer secret: String) throws(Problem) -> Caller {
        let snapshot = ledger.snapshot
        guard let key = snapshot.tokenKeys[BearerSecret.hash(secret)], let token = snapshot.tokens[key]?.value,
            token.expiresAt.map({ $0 > clock() }) ?? true
        else {
            throw Problem(
                .unauthenticated, "The token is not valid here.", remedy: "Ask an admin for a token, or pick another context.")
        }
        return Caller(token: token.id, name: token.name, role: token.role, tenant: token.tenant, project: token.project)
    }
}
