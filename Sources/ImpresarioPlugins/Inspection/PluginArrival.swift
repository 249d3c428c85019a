// SPDX-License-Identifier: Apache-2.0

import Crypto
public import Foundation
public import ImpresarioModel

/// A library on its way into the folder: written piece by piece, hashed meanwhile, and gone with this object unless it is kept.
public final class PluginArrival {
    static let prefix = ".arriving-"

    /// Where it is until it is kept.
    public let path: String
    private let folder: String
    private let library: PluginLibrary
    private let file: FileHandle
    private var hash = SHA256()
    private var size = 0

    init(library: PluginLibrary, name: String) throws(Problem) {
        self.library = library
        folder = "\(library.folder)/\(Self.prefix)\(UUID().uuidString.lowercased())"
        path = "\(folder)/\(name)"
        do {
            // Guests of other user ids load it.
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
            try Data().write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        } catch {
            try? FileManager.default.removeItem(atPath: folder)
            throw Problem(
                .storeFailed, "A plugin cannot be written to \(library.folder).", detail: String(describing: error),
                remedy: "Look at the broker's disk.")
        }
    }

    deinit {
        try? file.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// - Throws: ``Problem`` `body-too-large` beyond ``PluginLibrary/sizeLimit``, `store-failed` when the disk is full.
    public func write(_ bytes: Data) throws(Problem) {
        size += bytes.count
        guard size <= PluginLibrary.sizeLimit else {
            throw Problem(
                .bodyTooLarge, "The library is larger than \(PluginLibrary.sizeLimit >> 20) MiB.", remedy: "Strip its debug information.")
        }
        hash.update(data: bytes)
        do { try file.write(contentsOf: bytes) } catch {
            throw Problem(
                .storeFailed, "The library cannot be written to \(library.folder).", detail: String(describing: error),
                remedy: "Look at the broker's disk.")
        }
    }

    public var isEmpty: Bool { size == 0 }

    /// Of what was written so far, lower-case hex.
    public var sha256: String { hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() }

    /// Gives it its name for good. What stood there before had the same content.
    public func keep() throws(Problem) {
        do {
            try file.synchronize()
        } catch {
            throw Problem(.storeFailed, "The library cannot be written to \(library.folder).", detail: String(describing: error))
        }
        guard rename(path, library.path(ofHash: sha256)) == 0 else {
            throw Problem(.storeFailed, "The library cannot be written to \(library.folder).", detail: "errno \(errno)")
        }
    }
}
