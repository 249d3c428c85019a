// SPDX-License-Identifier: Apache-2.0

/// A frame, message or field that breaks `docs/abi/frames.md`. The guest that sent it is ended.
struct FrameError: Error, Hashable {
    var message: String

    init(_ message: String) { self.message = message }
}

/// What a message is. Guest to broker below 16, broker to guest from 16 on.
enum MessageKind: UInt8, CaseIterable {
    case ready = 1
    case refused, result, request, log, progress, event
    case invokeVerb = 16
    case invokeOperation, reply, cancel

    var comesFromGuest: Bool { rawValue < 16 }

    /// Bytes of a whole message of this kind. A plugin reaches none of them by using the ABI within its own bounds.
    var limit: Int {
        switch self {
        case .ready: 4 << 20
        case .refused, .log, .progress, .event: 64 << 10
        case .result, .request, .invokeVerb, .invokeOperation, .reply: 20 << 20
        case .cancel: 0
        }
    }

    /// Whether a message of this kind may come in a sealed file.
    var maySeal: Bool { limit >= Message.sealedFrom }
}

/// One whole message, put together from its frames.
struct Message: Hashable {
    /// Bytes of a payload from which on it goes by a sealed file.
    static let sealedFrom = 3 * FrameHeader.maxPayload + 1

    var kind: MessageKind
    var call: UInt64 = 0
    var request: UInt64 = 0
    var payload: [UInt8] = []
}

/// The 24 bytes before each payload.
struct FrameHeader: Hashable {
    /// How the frame stands to its message.
    enum Part: UInt8 {
        case last = 0
        /// The message goes on in the next frame.
        case more = 1
        /// The frame is a message of its own; its payload is the size of the message's, which is in the sealed file that comes along.
        case sealed = 2
    }

    static let version: UInt8 = 1
    static let size = 24
    static let maxPayload = 65_536

    var kind: MessageKind
    var part: Part
    var length: Int
    var call: UInt64
    var request: UInt64

    init(kind: MessageKind, part: Part, length: Int, call: UInt64, request: UInt64) {
        self.kind = kind
        self.part = part
        self.length = length
        self.call = call
        self.request = request
    }

    /// The header of a datagram from a guest.
    init(_ datagram: UnsafeRawBufferPointer) throws(FrameError) {
        guard datagram.count >= Self.size else { throw FrameError("a frame of \(datagram.count) bytes is shorter than its header") }
        guard datagram.count <= Self.size + Self.maxPayload else { throw FrameError("a frame is longer than \(Self.maxPayload) bytes") }
        guard datagram[0] == Self.version else { throw FrameError("a frame of version \(datagram[0])") }
        guard let kind = MessageKind(rawValue: datagram[1]), kind.comesFromGuest else { throw FrameError("a frame of kind \(datagram[1])") }
        guard let part = Part(rawValue: datagram[2]), datagram[3] == 0 else { throw FrameError("a frame with unknown flags") }
        let length = Int(UInt32(littleEndian: datagram.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
        guard length == datagram.count - Self.size else { throw FrameError("a frame with a wrong length") }
        guard part != .sealed || (length == 8 && kind.maySeal) else { throw FrameError("a frame that may not have a sealed file") }
        self.kind = kind
        self.part = part
        self.length = length
        self.call = UInt64(littleEndian: datagram.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        self.request = UInt64(littleEndian: datagram.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
    }

    /// Calls `body` with the bytes, which nothing but a socket needs.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let first = UInt64(Self.version) | UInt64(kind.rawValue) << 8 | UInt64(part.rawValue) << 16 | UInt64(UInt32(length)) << 32
        return withUnsafeBytes(of: (first.littleEndian, call.littleEndian, request.littleEndian), body)
    }

    var bytes: [UInt8] { withBytes { Array($0) } }
}

extension Message {
    /// The headers of the frames that carry it, in order, each with its part of the payload. One frame at least.
    func frames() -> [(header: FrameHeader, payload: Range<Int>)] {
        stride(from: 0, to: max(payload.count, 1), by: FrameHeader.maxPayload).map { start in
            let end = min(start + FrameHeader.maxPayload, payload.count)
            let part: FrameHeader.Part = end == payload.count ? .last : .more
            return (FrameHeader(kind: kind, part: part, length: end - start, call: call, request: request), start..<end)
        }
    }
}

/// Puts messages together from frames.
struct MessageAssembler {
    private var partial: Message?

    /// The message that this frame completes, or nil when more must come.
    ///
    /// - Parameter descriptor: what came along; it closes itself when it is not kept.
    mutating func add(_ datagram: UnsafeRawBufferPointer, descriptor: ReceivedDescriptor = .none) throws(FrameError) -> Message? {
        let header = try FrameHeader(datagram)
        var message = partial ?? Message(kind: header.kind, call: header.call, request: header.request)
        let isFirst = partial == nil
        partial = nil
        guard header.kind == message.kind, header.call == message.call, header.request == message.request else {
            throw FrameError("another message begins inside one")
        }
        switch (header.part, descriptor) {
        case (.sealed, .one(let file)):
            guard isFirst else { throw FrameError("another message begins inside one") }
            let size = UInt64(littleEndian: datagram.loadUnaligned(fromByteOffset: FrameHeader.size, as: UInt64.self))
            try Self.checkLimit(size, of: header.kind)
            message.payload = try SealedFile.read(file, count: Int(size))
            return message
        case (.sealed, .none):
            throw FrameError("a frame without the file that it tells of")
        case (.last, .none), (.more, .none):
            break
        case (_, .one), (_, .several):
            throw FrameError("a descriptor that nobody asked for")
        }
        try Self.checkLimit(UInt64(message.payload.count + header.length), of: header.kind)
        message.payload.append(contentsOf: UnsafeRawBufferPointer(rebasing: datagram[FrameHeader.size...]))
        if header.part == .last { return message }
        partial = message
        return nil
    }

    private static func checkLimit(_ count: UInt64, of kind: MessageKind) throws(FrameError) {
        guard count <= UInt64(kind.limit) else { throw FrameError("a message of kind \(kind) is longer than \(kind.limit) bytes") }
    }
}
