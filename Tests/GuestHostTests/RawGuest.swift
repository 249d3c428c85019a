// SPDX-License-Identifier: Apache-2.0

import CLinux
import Foundation
import Glibc
import GuestTesting

/// `impresario-guest` with the test in the broker's place, down to the frames.
final class RawGuest {
    let socket: Int32
    let pid: Int32

    init(library: String, arguments: [String] = []) {
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

    func send(_ bytes: [UInt8]) { _ = clinux_packet_send(socket, bytes, bytes.count, 1) }

    func send(kind: UInt8, flags: UInt8 = 0, call: UInt64 = 0, request: UInt64 = 0, _ payload: [UInt8] = []) {
        send([1, kind, flags, 0] + little(UInt32(payload.count)) + little(call) + little(request) + payload)
    }

    /// The next packet, or nil at the end.
    func receive() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 70_000)
        _ = clinux_wait_readable(socket, -1)
        let count = clinux_packet_receive(socket, &bytes, bytes.count)
        return count > 0 ? Array(bytes[..<count]) : nil
    }

    func receive(kind: UInt8) -> [UInt8]? {
        while let packet = receive() {
            if packet[1] == kind { return packet }
        }
        return nil
    }

    /// The exit code, or 128 + signal.
    func end() -> Int32 {
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        close(socket)
        let signal = clinux_status_signal(status)
        return signal == 0 ? clinux_status_code(status) : 128 + signal
    }

    func hangUp() { shutdown(socket, Int32(SHUT_RDWR)) }
}

func little(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

func field(_ text: String) -> [UInt8] { little(UInt32(text.utf8.count)) + Array(text.utf8) }

/// An invocation of a verb of the test plugin.
func invocation(_ what: String, verb: UInt32 = 2) -> [UInt8] {
    field("probe") + little(verb) + little(Int64.max) + field("{\"do\":\"\(what)\"}")
}
