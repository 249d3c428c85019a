// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A descriptor that is closed when nobody can use it any more.
final class OwnedDescriptor: Sendable {
    let raw: Int32

    init(_ raw: Int32) { self.raw = raw }

    deinit { close(raw) }
}

/// What came along with a packet.
enum ReceivedDescriptor: Sendable {
    case none
    case one(OwnedDescriptor)
    /// They are closed already.
    case several

    /// From what `clinux_packet_receive` tells.
    init(_ raw: Int32) {
        switch raw {
        case Int32(CLINUX_NO_DESCRIPTOR): self = .none
        case 0...: self = .one(OwnedDescriptor(raw))
        default: self = .several
        }
    }
}

/// A file in memory that its sender cannot change any more: how large payloads travel.
enum SealedFile {
    /// Nil when none can be had here; frames do as well.
    static func make(_ bytes: [UInt8]) -> OwnedDescriptor? {
        let raw = clinux_sealed_make(bytes, bytes.count)
        return raw >= 0 ? OwnedDescriptor(raw) : nil
    }

    /// The content of a file from a guest. It is read and never mapped, and only after it is known that nobody can change it meanwhile.
    static func read(_ file: OwnedDescriptor, count: Int) throws(FrameError) -> [UInt8] {
        switch clinux_sealed_check(file.raw, count) {
        case 0: break
        case -EPERM: throw FrameError("a file that is not sealed")
        case -ERANGE: throw FrameError("a file of another size than was told")
        default: throw FrameError("a descriptor that is no sealed file in memory")
        }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            failure = clinux_sealed_read(file.raw, buffer.baseAddress, count)
            initialized = failure == 0 ? count : 0
        }
        guard failure == 0 else { throw FrameError("a sealed file that cannot be read") }
        return bytes
    }
}
