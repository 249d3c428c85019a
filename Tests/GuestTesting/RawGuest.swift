// SPDX-License-Identifier: Apache-2.0

import CLinux
import Foundation
import Glibc

/// `impresario-guest` with the test in the broker's place, down to the frames.
public final class RawGuest {
    public let socket: Int32
    public let pid: Int32
    /// What came along with the last packet, or negative.
    public private(set) var file: Int32 = -1
    private var buffer = [UInt8](repeating: 0, count: 70_000)

    public init(library: String, arguments: [String] = []) {
        var ends: [Int32] = [-1, -1]
        var pipe: [Int32] = [-1, -1]
        _ = clinux_packet_pair(&ends)
        _ = clinux_output_pipe(&pipe)
        socket = ends[0]
        let texts = [GuestFixture.guestExecutable, library] + arguments
        let argv = texts.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        pid = clinux_spawn(GuestFixture.guestExecutable, argv, [nil], ends[1], pipe[1])
        close(ends[1])
        close(pipe[0])
        close(pipe[1])
    }

    public func send(_ bytes: [UInt8]) { _ = clinux_packet_send(socket, bytes, bytes.count, nil, 0, nil, 0, 1) }

    public func send(kind: UInt8, flags: UInt8 = 0, call: UInt64 = 0, request: UInt64 = 0, _ payload: [UInt8] = []) {
        send([1, kind, flags, 0] + little(UInt32(payload.count)) + little(call) + little(request) + payload)
    }

    /// Sends a packet and copies of descriptors.
    public func send(_ bytes: [UInt8], descriptors: [Int32]) {
        _ = clinux_packet_send(socket, bytes, bytes.count, nil, 0, descriptors, descriptors.count, 1)
    }

    /// The next packet, or nil at the end.
    public func receive() -> [UInt8]? {
        if file >= 0 { close(file) }
        let count = clinux_packet_receive(socket, &buffer, buffer.count, &file, 1)
        return count > 0 ? Array(buffer[..<count]) : nil
    }

    public func receive(kind: UInt8) -> [UInt8]? {
        while let packet = receive() {
            if packet[1] == kind { return packet }
        }
        return nil
    }

    /// The exit code, or 128 + signal.
    public func end() -> Int32 {
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        close(socket)
        if file >= 0 { close(file) }
        file = -1
        let signal = clinux_status_signal(status)
        return signal == 0 ? clinux_status_code(status) : 128 + signal
    }

    public func hangUp() { shutdown(socket, Int32(SHUT_RDWR)) }
}

public func little(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

public func field(_ text: String) -> [UInt8] { little(UInt32(text.utf8.count)) + Array(text.utf8) }

/// An invocation of a verb of the test plugin, with a document of `size` bytes at least.
public func invocation(_ what: String, verb: UInt32 = 2, filledTo size: Int = 0) -> [UInt8] {
    let document = "{\"do\":\"\(what)\"}"
    let fill = String(repeating: " ", count: max(0, size - document.utf8.count))
    return field("probe") + little(verb) + little(Int64.max) + field(document + fill)
}

/// A file in memory without a name that anybody can still change.
public func unsealedFile(_ bytes: [UInt8]) -> Int32 {
    let path = "/dev/shm/impresario-\(UUID().uuidString)"
    let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    unlink(path)
    return write(file, bytes, bytes.count) == bytes.count ? file : -1
}
