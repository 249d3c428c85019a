// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Packets as they travel, in hexadecimal, in `Tests/GuestTesting/Frames`: written by hand after `docs/abi/frames.md`, not by the code that is tested.
public enum GoldenFrames {
    public static func packet(_ name: String) throws -> [UInt8] {
        let file = GuestFixture.packageRoot.appending(path: "Tests/GuestTesting/Frames/\(name).hex")
        return try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isWhitespace).map { text in
            guard let byte = UInt8(text, radix: 16) else { throw CocoaError(.fileReadCorruptFile) }
            return byte
        }
    }
}
