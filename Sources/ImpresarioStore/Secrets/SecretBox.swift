// SPDX-License-Identifier: Apache-2.0

import Crypto
public import Foundation
public import ImpresarioModel

/// Seals secrets with AES-256-GCM before they go into a store.
///
/// The sealed form is: one byte of version, 8 bytes of key id, 12 bytes of nonce, the ciphertext, 16 bytes of tag. The name of the record is
/// authenticated with it, so a sealed value moved to another record does not open. The key id tells which key is wanted after a rotation.
public struct SecretBox: Sendable {
    private static let version: UInt8 = 1
    private static let headerSize = 9
    private static let keySize = 32

    /// First bytes of the key's SHA-256, as hex.
    public let keyID: String
    private let key: SymmetricKey
    private let header: Data

    /// Reads the 32 bytes of the key file.
    ///
    /// - Parameter createIfMissing: draw a new key (file mode 0600) when there is no file.
    /// - Throws: `store-failed` when the file is missing, has another size, is not this user's or can be read by others.
    public init(keyFile path: String, createIfMissing: Bool) throws(Problem) {
        var content = try SmallFile.read(path, limit: Self.keySize)
        if content == nil && createIfMissing {
            try SmallFile.create(path, SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) })
            content = try SmallFile.read(path, limit: Self.keySize)
        }
        guard let content else {
            throw Problem(
                .storeFailed, "The key file \(path) is missing and the store beside it was sealed with it.",
                remedy: "Restore the key file from a backup.")
        }
        guard content.mode & 0o077 == 0 else {
            throw Problem(
                .storeFailed, "The key file \(path) can be read by others (mode \(String(content.mode, radix: 8))).",
                remedy: "chmod 600 \(path)")
        }
        guard content.owner == geteuid() else {
            throw Problem(.storeFailed, "The key file \(path) belongs to user \(content.owner).", remedy: "chown \(geteuid()) \(path)")
        }
        guard content.bytes.count == Self.keySize else {
            throw Problem(
                .storeFailed, "The key file \(path) does not hold a key of exactly \(Self.keySize) bytes.",
                remedy: "Restore it from a backup.")
        }
        self.init(key: SymmetricKey(data: content.bytes))
    }

    /// A key that is kept nowhere, for tests and simulations.
    public init() { self.init(key: SymmetricKey(size: .bits256)) }

    init(key: SymmetricKey) {
        self.key = key
        let id = Data(SHA256.hash(data: key.withUnsafeBytes { Data($0) }).prefix(Self.headerSize - 1))
        keyID = Self.hex(id)
        header = Data([Self.version]) + id
    }

    /// - Parameter record: the key of the record that will hold the result.
    public func seal(_ plain: Data, for record: String) throws(Problem) -> Data {
        do {
            let box = try AES.GCM.seal(plain, using: key, authenticating: header + Data(record.utf8))
            return header + Data(box.nonce) + box.ciphertext + box.tag
        } catch {
            throw Problem(.internal, "A secret could not be sealed.", detail: String(describing: error))
        }
    }

    /// - Parameter record: the key of the record that holds it.
    /// - Throws: `store-failed` when it was sealed with another key, for another record, or was changed.
    public func open(_ sealed: Data, for record: String) throws(Problem) -> Data {
        guard sealed.count >= Self.headerSize + 28, sealed.first == Self.version else {
            throw Problem(.storeFailed, "A secret is damaged.", detail: "\(record): \(sealed.count) bytes are no sealed value")
        }
        let found = sealed.prefix(Self.headerSize)
        guard found == header else {
            throw Problem(
                .storeFailed, "A secret was sealed with another key.",
                detail: "\(record): key \(Self.hex(found.dropFirst())), here \(keyID)",
                remedy: "Restore the key file that belongs to this store.")
        }
        do {
            let box = try AES.GCM.SealedBox(combined: sealed.dropFirst(Self.headerSize))
            return try AES.GCM.open(box, using: key, authenticating: header + Data(record.utf8))
        } catch {
            throw Problem(.storeFailed, "A secret is damaged.", detail: "\(record): \(error)")
        }
    }

    private static func hex(_ bytes: Data) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
