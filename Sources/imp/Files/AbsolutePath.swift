// SPDX-License-Identifier: Apache-2.0

import Foundation

enum AbsolutePath {
    /// Relative paths count from the working directory.
    static func of(_ path: String) -> String { URL(filePath: path).standardizedFileURL.path(percentEncoded: false) }
}
