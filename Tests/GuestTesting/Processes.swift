// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Ids of processes, zombies not counted, that were started with this argument.
public func processes(with argument: String) -> [Int] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return all.compactMap(Int.init).filter { pid in
        guard let file = FileHandle(forReadingAtPath: "/proc/\(pid)/cmdline"), let data = try? file.readToEnd() else { return false }
        let arguments = data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return arguments.count > 1 && arguments[1] == argument
    }
}
