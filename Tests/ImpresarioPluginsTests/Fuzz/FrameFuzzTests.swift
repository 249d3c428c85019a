// SPDX-License-Identifier: Apache-2.0

import CLinux
import Foundation
import Glibc
import GuestTesting
import ImpresarioModel
import Logging
import Testing

@testable import ImpresarioPlugins

/// The broker's side of the frames under drawn sequences, right ones and broken ones: it takes them or ends the guest, and nothing else happens.
@Suite struct FrameFuzzTests {
    /// The codec and the state machine alone.
    @Test func sequencesAreTakenOrRefused() throws {
        let plan = FuzzPlan(cases: 4000)
        print(plan.text)
        for seed in plan.seeds {
            let script = GuestScript(seed: seed)
            var machine = Machine()
            for packet in script.packets {
                let descriptor: ReceivedDescriptor = packet.files.count > 1 ? .several : packet.files.first.map { .one($0) } ?? .none
                machine.take(packet.bytes, descriptor)
            }
            if script.isWhole {
                #expect(machine.fault == nil && machine.results == script.calls, "seed \(seed): \(machine.fault ?? "no fault")")
            } else if machine.fault != nil {
                // What is broken stays broken.
                var state = machine.state
                #expect(state.receive(kind: .result, call: 1, request: 0) == .ignore && state.begin(.write) == nil, "seed \(seed)")
            }
        }
    }

    /// A broker without a socket: begins a call when it can, answers every request.
    private struct Machine {
        var assembler = MessageAssembler()
        var state = GuestConnectionState()
        var results = 0
        var fault: String?

        mutating func take(_ bytes: [UInt8], _ descriptor: ReceivedDescriptor) {
            guard fault == nil else { return }
            do {
                guard let message = try bytes.withUnsafeBytes({ try assembler.add($0, descriptor: descriptor) }) else { return }
                switch state.receive(kind: message.kind, call: message.call, request: message.request) {
                case .ready: _ = try Readiness(message.payload)
                case .refused: _ = try Refusal(message.payload)
                case .result:
                    _ = try CallResult(message.payload)
                    results += 1
                case .request(let id):
                    _ = try HostRequest(message.payload)
                    _ = state.reply(to: id)
                case .notice: _ = try Notice(message)
                case .ignore: break
                case .fault(let why): throw FrameError(why)
                }
                _ = state.begin(.write)
            } catch {
                fault = (error as? FrameError)?.message ?? "another error: \(error)"
                _ = state.fault(fault ?? "")
            }
        }
    }

    /// A ``Guest`` with its thread, its socket and a process.
    @Test(.timeLimit(.minutes(2))) func aLiveSocketTakesThemOrEndsTheGuest() async throws {
        let plan = FuzzPlan(cases: 300)
        print(plan.text)
        let before = (descriptors(), residentKiB())
        for seed in plan.seeds {
            let script = GuestScript(seed: seed)
            let (results, end) = try await LiveGuest.run(script)
            switch end.cause {
            case .exited: #expect(!script.isWhole || results == script.calls, "seed \(seed)")
            case .fault: #expect(!script.isWhole, "seed \(seed): \(end)")
            default: Issue.record("seed \(seed): \(end)")
            }
        }
        try await eventually { descriptors() <= before.0 + 10 }
        #expect(residentKiB() < before.1 + 300_000)
    }

    private func residentKiB() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        return status.firstMatch(of: /VmRSS:\s+([0-9]+)/).flatMap { Int($0.1) } ?? 0
    }
}

/// A process that does nothing, whose socket the test speaks through.
private enum LiveGuest {
    static func run(_ script: GuestScript) async throws -> (results: Int, end: GuestEnd) {
        var ends: [Int32] = [-1, -1]
        var pipe: [Int32] = [-1, -1]
        guard clinux_packet_pair(&ends) == 0, clinux_output_pipe(&pipe) == 0 else { throw CocoaError(.fileWriteUnknown) }
        let (ours, theirs) = (OwnedDescriptor(ends[0]), OwnedDescriptor(ends[1]))
        let (output, writing) = (OwnedDescriptor(pipe[0]), OwnedDescriptor(pipe[1]))
        let argv = [strdup("/bin/sleep"), strdup("100"), nil]
        defer { argv.forEach { free($0) } }
        let pid = clinux_spawn("/bin/sleep", argv, [nil], theirs.raw, writing.raw)
        let process = clinux_process_open(pid)
        guard pid > 0, process >= 0 else { throw CocoaError(.executableLoad) }
        let log = Logger(label: "fuzz", factory: { _ in SwiftLogNoOpLogHandler() })
        let processOfWriter = OwnedDescriptor(process)
        let guest = Guest(process: processOfWriter, socket: try GuestSocket(ours), log: log)
        let thread = Thread {
            guest.run(output: output) {
                var status: Int32 = 0
                waitpid(pid, &status, 0)
                return (status, nil)
            }
        }
        thread.start()
        let writer = Thread {
            speak(script, on: theirs.raw)
            // What is in the socket is read before the end is told.
            _ = clinux_process_kill(processOfWriter.raw, SIGKILL)
        }
        writer.start()
        return await converse(guest)
    }

    private static func converse(_ guest: Guest) async -> (results: Int, end: GuestEnd) {
        var results = 0
        while true {
            switch await guest.next(isSoon: results % 2 == 0) {
            case .result, .ready:
                results += 1
                let sink = NoticeSink(services: FakeServices(), verbClass: .write, now: .now)
                _ = guest.begin(.write, kind: .invokeVerb, payload: [], deadline: .now + .seconds(100), notices: sink)
            case .request(let id, let payload):
                if (try? HostRequest(payload)) == nil {
                    guest.kill(.fault("a host request"))
                } else {
                    guest.reply(to: id, [0, 0, 0, 0, 0])
                }
            case .refused: guest.kill(.fault("refused"))
            case .ended(let end): return (results - 1, end)
            }
        }
    }

    /// A script that is whole waits for the broker's turn; a broken one cannot know when that is.
    private static func speak(_ script: GuestScript, on socket: Int32) {
        var ignored = [UInt8](repeating: 0, count: 65_560)
        for packet in script.packets {
            var turn = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            if packet.isAnswer, poll(&turn, 1, script.isWhole ? 30_000 : 2) > 0 {
                var file: Int32 = -1
                _ = clinux_packet_receive(socket, &ignored, ignored.count, &file, 0)
            }
            let files = packet.files.map(\.raw)
            guard clinux_packet_send(socket, packet.bytes, packet.bytes.count, nil, 0, files, files.count, 1) == 0 else { return }
        }
    }
}
