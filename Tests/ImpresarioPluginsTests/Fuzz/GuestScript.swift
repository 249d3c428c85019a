// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import GuestTesting

@testable import ImpresarioPlugins

/// What a guest sends, from READY on: whole, or with some of it changed.
struct GuestScript {
    struct Packet {
        var bytes: [UInt8]
        /// Descriptors that go along: sealed files and others.
        var files: [OwnedDescriptor] = []
        /// Comes after a frame of the broker's: an invocation or a reply.
        var isAnswer = false
    }

    private(set) var packets: [Packet] = []
    private(set) var isWhole = true
    /// Calls that the broker must begin for it, if nothing is wrong.
    private(set) var calls = 0
    private var awaitsBroker = false

    init(seed: UInt64) {
        var random = Seeded(state: seed)
        if random.chance(3) { add(Self.log(&random), call: 0, &random) }
        add(Self.ready(&random), call: 0, &random)
        for call in 1...UInt64.random(in: 1...4, using: &random) {
            calls += 1
            var request: UInt64 = 0
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                if random.chance(2) {
                    add(Self.notice(&random), call: call, &random)
                } else {
                    request += UInt64.random(in: 1...3, using: &random)
                    add((.request, Self.hostRequest(&random)), call: call, request: request, &random)
                }
            }
            add((.result, Self.result(&random)), call: call, &random)
        }
        isWhole = random.chance(5)
        if !isWhole {
            for _ in 0..<Int.random(in: 1...3, using: &random) { change(&random) }
        }
    }

    // MARK: - What is right

    private typealias Draft = (kind: MessageKind, payload: [UInt8])

    private mutating func add(_ draft: Draft, call: UInt64, request: UInt64 = 0, _ random: inout Seeded) {
        let message = Message(kind: draft.kind, call: call, request: request, payload: draft.payload)
        let first = packets.count
        defer {
            packets[first].isAnswer = awaitsBroker
            awaitsBroker = [.ready, .request, .result].contains(draft.kind)
        }
        let isSealed = draft.kind.maySeal && random.chance(6)
        if isSealed, let file = SealedFile.make(draft.payload) {
            let header = FrameHeader(kind: draft.kind, part: .sealed, length: 8, call: call, request: request)
            packets.append(Packet(bytes: header.bytes + little(UInt64(draft.payload.count)), files: [file]))
        } else if (3...FrameHeader.maxPayload).contains(draft.payload.count), random.chance(6) {
            // In smaller pieces than need be.
            let cut = Int.random(in: 1..<draft.payload.count, using: &random)
            for (part, payload) in [(FrameHeader.Part.more, draft.payload[..<cut]), (.last, draft.payload[cut...])] {
                let header = FrameHeader(kind: draft.kind, part: part, length: payload.count, call: call, request: request)
                packets.append(Packet(bytes: header.bytes + payload))
            }
        } else {
            packets += message.frames().map { Packet(bytes: $0.header.bytes + message.payload[$0.payload]) }
        }
    }

    private static func ready(_ random: inout Seeded) -> Draft {
        var fields = FieldWriter()
        fields.text("{}")
        let count = UInt32.random(in: 0...3, using: &random)
        fields.number(count)
        for _ in 0..<count {
            fields.text("layer")
            fields.byte(UInt8.random(in: 0...1, using: &random))
            fields.text("detail")
        }
        return (.ready, fields.bytes)
    }

    private static func log(_ random: inout Seeded) -> Draft {
        var fields = FieldWriter()
        fields.number(Int32.random(in: 0...7, using: &random))
        fields.text(String(repeating: "ä", count: Int.random(in: 0...100, using: &random)))
        fields.text(random.chance(2) ? "{\"a\":1}" : "")
        return (.log, fields.bytes)
    }

    private static func notice(_ random: inout Seeded) -> Draft {
        var fields = FieldWriter()
        switch Int.random(in: 0...2, using: &random) {
        case 0:
            fields.number(UInt32.random(in: 0...20_000, using: &random))
            fields.text("phase")
            return (.progress, fields.bytes)
        case 1:
            fields.text("something")
            fields.text("{}")
            return (.event, fields.bytes)
        default:
            return log(&random)
        }
    }

    private static func hostRequest(_ random: inout Seeded) -> [UInt8] {
        var fields = FieldWriter()
        switch Int.random(in: 0...4, using: &random) {
        case 0:
            fields.number(UInt32(1))
            fields.number(UInt32(1))
            fields.text("n1")
            for texts in [["echo", "hi"], ["A=b"]] {
                fields.number(UInt32(texts.count))
                for text in texts { fields.text(text) }
            }
            fields.text("root")
            fields.text("/")
            fields.block([UInt8](repeating: 0xff, count: random.chance(8) ? 300_000 : 3))
            fields.number(UInt32(0))
            fields.number(UInt32(1000))
        case 1:
            fields.number(UInt32(2))
            fields.number(UInt32(1))
            fields.text("n1")
            fields.text("/etc/x")
            fields.number(UInt32(0o600))
            fields.text("")
            fields.block([UInt8](repeating: 7, count: Int.random(in: 0...70_000, using: &random)))
        case 2:
            fields.number(UInt32(6))
            fields.text("key")
        case 3:
            fields.number(UInt32(7))
            fields.text("key")
            fields.block([1, 2, 3])
            fields.number(UInt64(0))
        default:
            fields.number(UInt32(12))
            fields.text("authority")
            fields.number(UInt32(2))
            fields.text("0a")
            fields.text("ff")
        }
        return fields.bytes
    }

    private static func result(_ random: inout Seeded) -> [UInt8] {
        var fields = FieldWriter()
        if random.chance(4) {
            fields.number(Int32(1))
            WireProblem(code: "a.b", field: "/x", message: "no", detail: "d", owner: 1).write(to: &fields)
            fields.number(UInt32(0))
        } else {
            fields.number(Int32(0))
            fields.byte(0)
            fields.number(UInt32(1))
            fields.text(
                "{\"x\":\"" + String(repeating: "y", count: Int.random(in: 0...(random.chance(10) ? 300_000 : 200), using: &random)) + "\"}"
            )
        }
        return fields.bytes
    }

    // MARK: - What is wrong

    private mutating func change(_ random: inout Seeded) {
        let at = Int.random(in: packets.indices, using: &random)
        switch Int.random(in: 0...10, using: &random) {
        case 0: packets.remove(at: at)
        case 1: packets.insert(packets[at], at: at)
        case 2: packets.swapAt(at, Int.random(in: packets.indices, using: &random))
        case 3: packets[at].bytes.removeLast(Int.random(in: 0...packets[at].bytes.count, using: &random))
        case 4: packets[at].bytes += (0..<Int.random(in: 1...100, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        case 5: packets[at].files.append(Self.oddFile(&random))
        case 6: packets[at].files = packets[at].files.isEmpty ? [Self.oddFile(&random), Self.oddFile(&random)] : []
        case 7:
            packets[at] = Packet(
                bytes: (0..<Int.random(in: 0...200, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
        case 8, 9: flip(at, in: 0..<FrameHeader.size, &random)
        default: flip(at, in: FrameHeader.size..<Int.max, &random)
        }
        if packets.isEmpty { packets = [Packet(bytes: [0])] }
    }

    private mutating func flip(_ at: Int, in range: Range<Int>, _ random: inout Seeded) {
        let range = range.clamped(to: packets[at].bytes.indices)
        guard let index = range.randomElement(using: &random) else { return }
        packets[at].bytes[index] ^= UInt8(1) << UInt8.random(in: 0...7, using: &random)
    }

    private static func oddFile(_ random: inout Seeded) -> OwnedDescriptor {
        switch Int.random(in: 0...3, using: &random) {
        case 0: return OwnedDescriptor(open("/", O_RDONLY | O_CLOEXEC))
        case 1: return OwnedDescriptor(open("/dev/zero", O_RDONLY | O_CLOEXEC))
        case 2: return OwnedDescriptor(unsealedFile([UInt8](repeating: 0, count: 9)))
        default: return SealedFile.make([1, 2, 3]) ?? OwnedDescriptor(-1)
        }
    }
}
