// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ImpresarioPlugins

@Suite struct FrameTests {
    private func assemble(_ frames: [[UInt8]]) throws -> [Message] {
        var assembler = MessageAssembler()
        var messages: [Message] = []
        for frame in frames {
            if let message = try frame.withUnsafeBytes({ bytes throws(FrameError) in try assembler.add(bytes) }) {
                messages.append(message)
            }
        }
        return messages
    }

    @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 200_000]) func messagesOfEverySizeSurvive(size: Int) throws {
        var random = Seeded(state: UInt64(size))
        let payload = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
        let message = Message(kind: .result, call: .max, request: 7, payload: payload)
        let frames = message.frames().map { $0.header.bytes + message.payload[$0.payload] }
        #expect(frames.count == max(1, (size + 65_535) / 65_536))
        #expect(try assemble(frames) == [message])
    }

    @Test(arguments: 0..<50) func randomBytesNeverTrap(seed: UInt64) {
        var random = Seeded(state: seed)
        for _ in 0..<200 {
            var bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            // Half of them get a good header, so that what is behind it is reached.
            if Bool.random(using: &random) {
                let kinds = MessageKind.allCases.filter(\.comesFromGuest)
                let kind = kinds.randomElement(using: &random) ?? .ready
                bytes = FrameHeader(kind: kind, part: .last, length: bytes.count, call: 1, request: 1).bytes + bytes
            }
            guard let message = try? assemble([bytes]).first else { continue }
            _ = try? Readiness(message.payload)
            _ = try? Refusal(message.payload)
            _ = try? CallResult(message.payload)
            _ = try? Notice(message)
            _ = try? HostRequest(message.payload)
        }
    }

    @Test(arguments: 0..<50) func randomHostRequestsNeverTrap(seed: UInt64) {
        var random = Seeded(state: seed)
        for _ in 0..<500 {
            var fields = FieldWriter()
            fields.number(UInt32.random(in: 0...13, using: &random))
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                switch Int.random(in: 0...3, using: &random) {
                case 0: fields.number(UInt32.random(in: 0...3, using: &random))
                case 1: fields.text(["/a/b", "n1", "", "A=b", "../x", "key", "\0"].randomElement(using: &random) ?? "")
                case 2: fields.number(UInt64.random(in: 0 ... .max, using: &random))
                default: fields.block([0xff, 0xfe])
                }
            }
            _ = try? HostRequest(fields.bytes)
        }
    }

    @Test func aMessageBeyondItsBoundIsRefusedBeforeItIsWhole() {
        let frame = FrameHeader(kind: .log, part: .more, length: 65_536, call: 0, request: 0).bytes + [UInt8](repeating: 0, count: 65_536)
        #expect(throws: FrameError.self) { try assemble([frame, frame]) }
    }

    @Test func fieldsThatReachTooFarAreRefused() {
        var reader = FieldReader([0xff, 0xff, 0xff, 0xff, 1])
        #expect(throws: FrameError.self) { try reader.block() }
        var count = FieldReader([0xff, 0xff, 0xff, 0x7f])
        #expect(throws: FrameError.self) { try count.count(max: .max) }
        var text = FieldReader([2, 0, 0, 0, 0xc0, 0x80])
        #expect(throws: FrameError.self) { try text.text() }
        var name = FieldReader([2, 0, 0, 0, 0x61, 0])
        #expect(throws: FrameError.self) { try name.name(max: 10) }
    }
}
