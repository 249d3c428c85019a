// SPDX-License-Identifier: Apache-2.0

import Foundation
public import ImpresarioModel

/// The folder of plugin libraries that a broker uses: each a copy under its content's hash, so that a file replaced or removed elsewhere changes
/// nothing for clusters that are pinned to it.
public struct PluginLibrary: Sendable, Hashable {
    /// Bytes of one library.
    public static let sizeLimit = 128 << 20

    /// Made when absent, mode 0755.
    public let folder: String

    public init(folder: String) { self.folder = folder }

    /// Where the copy with this hash is, whether or not it is there.
    public func path(ofHash sha256: String) -> String { "\(folder)/\(sha256).so" }

    public func contains(hash sha256: String) -> Bool { FileManager.default.isReadableFile(atPath: path(ofHash: sha256)) }

    /// The hash of any file.
    ///
    /// - Throws: ``Problem`` `plugin-invalid` when it cannot be read.
    public func hash(ofFile path: String) throws(Problem) -> String { try FileDigest.sha256(ofFile: path) }

    /// Begins a copy beside the others.
    ///
    /// - Parameter name: what messages call it.
    /// - Throws: ``Problem`` `store-failed` when the folder cannot be written.
    public func receive(named name: String = "library.so") throws(Problem) -> PluginArrival { try PluginArrival(library: self, name: name) }

    /// Copies a file into the folder, aside until it is kept.
    ///
    /// - Throws: ``Problem`` `plugin-invalid` when the file cannot be read, `body-too-large`, `store-failed` when the copy cannot be written.
    public func receive(file path: String) throws(Problem) -> PluginArrival {
        let url = URL(fileURLWithPath: path)
        let arrival = try receive(named: url.lastPathComponent)
        do {
            let source = try FileHandle(forReadingFrom: url)
            defer { try? source.close() }
            while let chunk = try source.read(upToCount: 1 << 20), !chunk.isEmpty { try arrival.write(chunk) }
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem(.pluginInvalid, "The plugin \(path) cannot be read.", detail: String(describing: error), owner: .admin)
        }
        return arrival
    }

    /// Removing what is not there is no error.
    public func remove(hash sha256: String) { try? FileManager.default.removeItem(atPath: path(ofHash: sha256)) }

    /// Removes what an interrupted install left, and copies that are not among `hashes`.
    public func removeAll(except hashes: Set<String>) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            let isLeft = name.hasPrefix(PluginArrival.prefix) || (name.hasSuffix(".so") && !hashes.contains(String(name.dropLast(3))))
            if isLeft { try? FileManager.default.removeItem(atPath: "\(folder)/\(name)") }
        }
    }
}
