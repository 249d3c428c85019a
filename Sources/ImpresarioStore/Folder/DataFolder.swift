// SPDX-License-Identifier: Apache-2.0

import Foundation
public import ImpresarioModel

/// The folder in which a broker keeps everything: store, key, installation id. One broker at a time; the lock lasts as long as this object.
public final class DataFolder: Sendable {
    public let path: String
    /// Drawn once and then kept: "i" and ten lower-case base-32 digits, a DNS label. Everything that the broker makes outside its store
    /// carries it.
    public let installation: String
    /// Seals what must not be readable in a copy of the store.
    public let secrets: SecretBox
    private let lock: FolderLock

    public var storePath: String { Self.storePath(in: path) }
    /// The key of ``secrets``. Back it up apart from the store; without it sealed records are lost.
    public var keyPath: String { Self.keyPath(in: path) }

    /// Creates the folder (mode 0700) and what belongs into it, or takes up what is there.
    ///
    /// - Throws: `store-failed` when another broker holds the folder (with its pid), when others than the owner may enter it, when it is not
    ///   this user's, when a file in it is damaged, or when the key is gone while the store is there.
    public init(path: String) throws(Problem) {
        let path = URL(fileURLWithPath: path).standardizedFileURL.path
        try Self.prepare(path)
        lock = try FolderLock(folder: path)
        // A new key beside an old store would only hide that the old key is missing.
        let isNew = access(Self.storePath(in: path), F_OK) != 0
        secrets = try SecretBox(keyFile: Self.keyPath(in: path), createIfMissing: isNew)
        installation = try Self.readInstallation(path + "/installation")
        self.path = path
    }

    /// The place of a file or folder of the caller's own, such as `admin-token`.
    public func path(of name: String) -> String { "\(path)/\(name)" }

    private static func storePath(in folder: String) -> String { folder + "/store.sqlite" }
    private static func keyPath(in folder: String) -> String { folder + "/secret.key" }

    private static func prepare(_ path: String) throws(Problem) {
        let isNew = mkdir(path, 0o700) == 0
        if !isNew && errno == ENOENT {
            do {
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw Problem(.storeFailed, "Cannot create the data folder \(path).", detail: String(describing: error))
            }
        } else if !isNew && errno != EEXIST {
            throw SmallFile.failed("create", path)
        }
        var status = stat()
        guard stat(path, &status) == 0 else { throw SmallFile.failed("open", path) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw Problem(.storeFailed, "The data folder \(path) is not a folder.") }
        guard status.st_uid == geteuid() else {
            throw Problem(
                .storeFailed, "The data folder \(path) belongs to user \(status.st_uid) and this broker runs as user \(geteuid()).",
                remedy: "Run the broker as that user, or choose another data folder.")
        }
        guard status.st_mode & 0o077 != 0 else { return }
        // An empty one was made for us a moment ago; anything else may be somebody's home.
        let isEmpty = (try? FileManager.default.contentsOfDirectory(atPath: path).isEmpty) ?? false
        guard isEmpty else {
            throw Problem(
                .storeFailed,
                "The data folder \(path) can be entered by others (mode \(String(status.st_mode & 0o7777, radix: 8))).",
                remedy: "chmod 700 \(path)")
        }
        guard chmod(path, 0o700) == 0 else { throw SmallFile.failed("chmod", path) }
    }

    private static func readInstallation(_ path: String) throws(Problem) -> String {
        if let content = try SmallFile.read(path, limit: 64) {
            let text = String(decoding: content.bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            guard text.hasPrefix("i"), text.utf8.count == 11, Name.isValid(text) else {
                throw Problem(
                    .storeFailed, "\(path) does not hold an installation id.",
                    remedy: "Restore it from a backup: nodes made under the old id would no longer be found.")
            }
            return text
        }
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")
        let drawn = "i" + String((0..<10).map { _ in alphabet[Int.random(in: 0..<32)] })
        try SmallFile.create(path, Data("\(drawn)\n".utf8))
        return drawn
    }
}
