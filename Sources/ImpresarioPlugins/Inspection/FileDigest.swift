// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import ImpresarioModel

enum FileDigest {
    /// Lower-case hex.
    static func sha256(ofFile path: String) throws(Problem) -> String {
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            var hash = SHA256()
            while let chunk = try file.read(upToCount: 1 << 20), !chunk.isEmpty { hash.update(data: chunk) }
            return hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        } catch {
            throw Problem(
                .pluginInvalid, "The library '\(path.split(separator: "/").last ?? "")' cannot be read.", detail: "\(path): \(error)",
                owner: .admin)
        }
    }
}
