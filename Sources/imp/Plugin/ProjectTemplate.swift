// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// A folder of files in whose texts and names `@WORD@` stands for a value.
struct ProjectTemplate {
    let source: String
    let values: [String: String]

    /// Makes the folder with all that is in it, or nothing.
    ///
    /// - Throws: ``Problem`` `invalid-usage` when there is something already, or it cannot be written.
    func write(to path: String) throws(Problem) {
        let target = URL(filePath: path).standardizedFileURL
        let files = FileManager.default
        if files.fileExists(atPath: target.path) {
            guard let names = try? files.contentsOfDirectory(atPath: target.path) else {
                throw Problem(.invalidUsage, "\(path) is there already and is no folder.", remedy: "Say --into with another folder.")
            }
            guard names.isEmpty else {
                throw Problem(.invalidUsage, "The folder \(path) is not empty.", remedy: "Say --into with another folder.")
            }
        }
        // Beside the target, then renamed onto it: an interrupted run leaves no half of a project.
        let parent = target.deletingLastPathComponent()
        let aside = parent.appending(path: ".\(target.lastPathComponent).\(getpid())")
        do {
            try files.createDirectory(at: parent, withIntermediateDirectories: true)
            try copy(URL(filePath: source), to: aside)
        } catch {
            try? files.removeItem(at: aside)
            throw Problem(.invalidUsage, "\(path) cannot be written.", detail: String(describing: error))
        }
        guard rename(aside.path, target.path) == 0 else {
            let reason = String(cString: strerror(errno))
            try? files.removeItem(at: aside)
            throw Problem(.invalidUsage, "\(path) cannot be written: \(reason).")
        }
    }

    private func copy(_ item: URL, to target: URL) throws {
        let files = FileManager.default
        var isFolder: ObjCBool = false
        guard files.fileExists(atPath: item.path, isDirectory: &isFolder) else { throw CocoaError(.fileNoSuchFile) }
        if isFolder.boolValue {
            try files.createDirectory(at: target, withIntermediateDirectories: false)
            for name in try files.contentsOfDirectory(atPath: item.path).sorted() {
                try copy(item.appending(path: name), to: target.appending(path: fill(name)))
            }
        } else {
            try Data(fill(try String(contentsOf: item, encoding: .utf8)).utf8).write(to: target)
            let mode = try files.attributesOfItem(atPath: item.path)[.posixPermissions]
            try files.setAttributes([.posixPermissions: mode ?? 0o644], ofItemAtPath: target.path)
        }
    }

    private func fill(_ text: String) -> String {
        values.reduce(text) { $0.replacing("@\($1.key)@", with: $1.value) }
    }
}
