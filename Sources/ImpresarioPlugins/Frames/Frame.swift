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
}

/// One whole message, put together from its frames.
struct Message: Hashable {
    var kind: MessageKind
    var call: UInt64 = 0
    var request: UInt64 = 0
    var payload: [UInt8] = []
}

/// The 24 bytes before each payload.
struct FrameHeader: Hashable {
    static let version: UInt8 = 1
    static let size = 24
    static let maxPayload = 65_536
    static let more: UInt8 = 1

    var kind: MessageKind
    var isLast: Bool
    var length: Int
    var call: UInt64
    var request: UInt64

    init(kind: MessageKind, isLast: Bool, length: Int, call: UInt64, request: UInt64) {
        self.kind = kind
        self.isLast = isLast
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
        guard datagram[2] & ~Self.more == 0, datagram[3] == 0 else { throw FrameError("a frame with unknown flags") }
        let length = Int(UInt32(littleEndian: datagram.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
        guard length == datagram.count - Self.size else { throw FrameError("a frame with a wrong length") }
        self.kind = kind
        self.isLast = datagram[2] & Self.more == 0
        self.length = length
        self.call = UInt64(littleEndian: datagram.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        self.request = UInt64(littleEndian: datagram.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
    }

    var bytes: [UInt8] {
        var fields = FieldWriter()
        fields.byte(Self.version)
        fields.byte(kind.rawValue)
        fields.byte(isLast ? 0 : Self.more)
        fields.byte(0)
        fields.number(UInt32(length))
        fields.number(call)
        fields.number(request)
        return fields.bytes
    }
}

extension Message {
    /// The datagrams that carry it, in order.
    func frames() -> [[UInt8]] {
        stride(from: 0, to: max(payload.count, 1), by: FrameHeader.maxPayload).map { start in
            let end = min(start + FrameHeader.maxPayload, payload.count)
            let header = FrameHeader(kind: kind, isLast: end == payload.count, length: end - start, call: call, request: request)
            return header.bytes + payload[start..<end]
        }
    }
}

/// Puts messages together from frames.
struct MessageAssembler {
    private var partial: Message?

    /// The message that this frame completes, or nil when more must come.
    mutating func add(_ datagram: UnsafeRawBufferPointer) throws(FrameError) -> Message? {
        let header = try FrameHeader(datagram)
        var message = partial ?? Message(kind: header.kind, call: header.call, request: header.request)
        partial = nil
        guard header.kind == message.kind, header.call == message.call, header.request == message.request else {
            throw FrameError("another message begins inside one")
        }
        guard message.payload.count + header.length <= header.kind.limit else {
            throw FrameError("a message of kind \(header.kind) is longer than \(header.kind.limit) bytes")
        }
        message.payload.append(contentsOf: UnsafeRawBufferPointer(rebasing: datagram[FrameHeader.size...]))
        if header.isLast { return message }
        partial = message
        return nil
    }
}
