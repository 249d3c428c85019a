// SPDX-License-Identifier: Apache-2.0

import Foundation
public import ImpresarioModel

/// The folder of plugin libraries that a broker uses: each a copy under its content's hash, so that a file replaced or removed elsewhere changes
/// nothing for clusters that are pinned to it.
public struct PluginLibrary: Sendable, Hashable {
    /// Made when absent, mode 0755.
    public let folder: String

    public init(folder: String) { self.folder = folder }

    /// Where the copy with this hash is, whether or not it is there.
    public func path(ofHash sha256: String) -> String { "\(folder)/\(sha256).so" }

    public func contains(hash sha256: String) -> Bool { FileManager.default.isReadableFile(atPath: path(ofHash: sha256)) }

    /// Copies a library into the folder, if it is not there.
    ///
    /// - Returns: the copy's hash, lower-case hex SHA-256.
    /// - Throws: ``Problem`` `plugin-invalid` when the file cannot be read, `store-failed` when the copy cannot be written.
    public func adopt(_ path: String) throws(Problem) -> String {
        let sha256 = try FileDigest.sha256(ofFile: path)
        if contains(hash: sha256) { return sha256 }
        let manager = FileManager.default
        let aside = "\(folder)/.\(sha256).\(ProcessInfo.processInfo.processIdentifier)"
        do {
            try manager.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
            try? manager.removeItem(atPath: aside)
            try manager.copyItem(atPath: path, toPath: aside)
            try manager.setAttributes([.posixPermissions: 0o644], ofItemAtPath: aside)
        } catch {
            throw Problem(
                .storeFailed, "The plugin \(path) cannot be copied to \(folder).", detail: String(describing: error), owner: .admin)
        }
        // Between hashing and copying the file can have changed: what counts is what was copied.
        let copied = try FileDigest.sha256(ofFile: aside)
        guard rename(aside, self.path(ofHash: copied)) == 0 else {
            throw Problem(.storeFailed, "The plugin \(path) cannot be copied to \(folder).", detail: "errno \(errno)", owner: .admin)
        }
        return copied
    }
}
