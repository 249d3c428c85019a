// SPDX-License-Identifier: Apache-2.0

import CLinux
import Dispatch
import Glibc
import ImpresarioModel
import Synchronization

/// The broker's end of a guest's socket, and what a guest's thread waits for. Sends and receives from anywhere, without blocking.
final class GuestSocket: Sendable {
    private struct Packet {
        var bytes: [UInt8]
        var file: OwnedDescriptor?
    }

    /// What one packet was.
    enum Reception {
        case packet(UnsafeRawBufferPointer, ReceivedDescriptor)
        case nothing
        case end
    }

    private let descriptor: OwnedDescriptor
    private let watch: OwnedDescriptor
    /// Packets that did not fit into the socket; while there are any, a queue of its own waits to send them.
    private let backlog = Mutex<[Packet]>([])

    init(_ descriptor: OwnedDescriptor) throws(Problem) {
        self.descriptor = descriptor
        let watch = clinux_watch_make(descriptor.raw)
        guard watch >= 0 else {
            throw Problem(.overloaded, "The broker could not watch a plugin's socket.", detail: String(cString: strerror(-watch)))
        }
        self.watch = OwnedDescriptor(watch)
    }

    // MARK: - Receiving

    /// Receives one packet into `buffer`.
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Reception {
        var raw: Int32 = 0
        let count = clinux_packet_receive(descriptor.raw, buffer.baseAddress, buffer.count, &raw, 0)
        if count == -Int(EAGAIN) { return .nothing }
        let received = ReceivedDescriptor(raw)
        guard count > 0 else { return .end }
        return .packet(UnsafeRawBufferPointer(rebasing: buffer[..<min(count, buffer.count)]), received)
    }

    /// Whether the watching thread is to be woken by packets too, and not only by the end.
    func watchPackets(_ isOn: Bool) { _ = clinux_watch_packets(watch.raw, descriptor.raw, isOn ? 1 : 0) }

    func watch(_ other: OwnedDescriptor, as bit: Int32) { _ = clinux_watch_add(watch.raw, other.raw, bit) }

    func unwatch(_ other: OwnedDescriptor) { _ = clinux_watch_remove(watch.raw, other.raw) }

    /// Blocks until one of the watched is ready; bits of `CLINUX_WATCH_PACKET` and its like, negative when it cannot.
    func waitForWatched() -> Int32 { clinux_watch_wait(watch.raw) }

    /// Takes nothing more, and tells the watching thread so.
    func shutReceiving() { shutdown(descriptor.raw, Int32(SHUT_RD)) }

    /// Wakes both directions with an end of file.
    func shut() { shutdown(descriptor.raw, Int32(SHUT_RDWR)) }

    // MARK: - Sending

    /// Sends without blocking the caller. A guest that does not read is ended by its deadline, which wakes the sender with an error; errors are
    /// not told here because the receiving side sees the same end.
    func send(_ message: Message) {
        if message.payload.count >= Message.sealedFrom, let file = SealedFile.make(message.payload) {
            let header = FrameHeader(kind: message.kind, part: .sealed, length: 8, call: message.call, request: message.request)
            var size = FieldWriter()
            size.number(UInt64(message.payload.count))
            return backlog.withLock { send(header, size.bytes[...], file: file, after: &$0) }
        }
        backlog.withLock { waiting in
            for frame in message.frames() { send(frame.header, message.payload[frame.payload], file: nil, after: &waiting) }
        }
    }

    private func send(_ header: FrameHeader, _ payload: ArraySlice<UInt8>, file: OwnedDescriptor?, after waiting: inout [Packet]) {
        if waiting.isEmpty {
            let result = header.withBytes { header in payload.withUnsafeBytes { send(header, $0, file: file, mayBlock: false) } }
            guard result == -EAGAIN else { return }
            drain()
        }
        waiting.append(Packet(bytes: header.bytes + payload, file: file))
    }

    private func send(_ header: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer, file: OwnedDescriptor?, mayBlock: Bool) -> Int32
    {
        var raw = file?.raw ?? -1
        return clinux_packet_send(
            descriptor.raw, header.baseAddress, header.count, payload.baseAddress, payload.count, &raw, file == nil ? 0 : 1,
            mayBlock ? 1 : 0)
    }

    private func drain() {
        DispatchQueue.global().async { [self] in
            while let packet = backlog.withLock({ $0.first }) {
                let none = UnsafeRawBufferPointer(start: nil, count: 0)
                let result = packet.bytes.withUnsafeBytes { send($0, none, file: packet.file, mayBlock: true) }
                backlog.withLock { waiting in
                    if result < 0 { waiting = [] } else { waiting.removeFirst() }
                }
            }
        }
    }
}
