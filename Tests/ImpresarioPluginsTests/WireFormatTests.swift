// SPDX-License-Identifier: Apache-2.0

import Foundation
import GuestTesting
import ImpresarioInfrastructure
import ImpresarioModel
import Testing

@testable import ImpresarioPlugins

/// Each kind of message against its bytes in `Tests/GuestTesting/Frames`: what the broker sends, and what it makes of what a guest sends.
@Suite struct WireFormatTests {
    private static let deadline: Int64 = 0x0102_0304_0506_0708

    private static func context() -> PluginContext { GuestFixture.context(["do": "nothing"]) }

    private func packets(_ message: Message) -> [[UInt8]] { message.frames().map { $0.header.bytes + message.payload[$0.payload] } }

    private func invocation(_ target: PluginCall.Target) throws -> Message {
        let call = PluginCall(
            plugin: PluginPin(id: "probe", version: "1", sha256: ""), type: "probe", target: target, context: Self.context(),
            tenant: ID("t"),
            timeout: .seconds(1))
        let invocation = try Invocation(call)
        return Message(kind: invocation.kind, call: 1, payload: invocation.payload(deadline: Self.deadline))
    }

    @Test func whatTheBrokerSends() throws {
        let add = TypedOperation(
            id: "add-one", summary: "", since: nil, deprecated: nil, isReadOnly: false, isIdempotent: false, isDestructive: false,
            isLong: false,
            parameters: [false, true].map {
                TypedParameter(
                    name: $0 ? "b" : "a", summary: "", kind: .i64, isOut: $0, isOptional: false, isSecret: false, defaultValue: nil,
                    schema: nil)
            })
        let reply = HostReply.success { fields in
            fields.block(Array("value".utf8))
            fields.number(UInt64(7))
        }
        let refusal = HostReply.failure(HostReply.notAllowed(in: .read))
        let sent: [(String, Message)] = [
            ("invoke-verb", try invocation(.verb(.plan))), ("invoke-operation", try invocation(.operation(add, arguments: ["a": -2]))),
            ("reply", Message(kind: .reply, call: 1, request: 3, payload: reply.payload)),
            ("reply-failed", Message(kind: .reply, call: 1, request: 3, payload: refusal.payload)),
            ("cancel", Message(kind: .cancel, call: 1)),
        ]
        for (name, message) in sent { #expect(packets(message) == [try GoldenFrames.packet(name)], "\(name)") }
    }

    private func message(_ name: String) throws -> Message {
        var assembler = MessageAssembler()
        let packet = try GoldenFrames.packet(name)
        return try #require(try packet.withUnsafeBytes { try assembler.add($0) })
    }

    @Test func whatAGuestSends() throws {
        let ready = try Readiness(message("ready").payload)
        #expect(Array(ready.descriptor) == Array("{\"id\":\"probe\"}".utf8))
        #expect(ready.sandbox.map(\.name) == ["seccomp", "uid"] && ready.sandbox.map(\.isActive) == [true, false])
        let refusal = try Refusal(message("refused").payload)
        #expect(refusal.code == "load" && refusal.message == "no such file")
        let result = try message("result")
        #expect(result.kind == .result && result.call == 2)
        #expect(try CallResult(result.payload).values == [ArraySlice("{}".utf8)])
        let failed = try CallResult(message("result-failed").payload)
        var problem = WireProblem(
            code: "plan.too-few", field: "/managers", message: "one at least", detail: "f\u{fc}r das Log", owner: 3, flags: 1)
        problem.retryAfter = 1500
        #expect(failed.status == 1 && failed.problem == problem && failed.values.isEmpty)
        #expect(try Notice(message("log")) == .log(severity: 6, message: "a line", fields: "{\"b\":2}"))
        #expect(try Notice(message("progress")) == .progress(5000, phase: "half"))
        #expect(try Notice(message("event")) == .event("something", json: "{\"a\":1}"))
    }

    @Test func whatAGuestAsksFor() throws {
        guard case .execute(let commands) = try HostRequest(message("request-node-exec").payload), let (node, command) = commands.first
        else {
            throw Problem(.internal, "not node_exec")
        }
        #expect(node == "n1" && command.arguments == ["echo", "hi"] && command.environment == ["A": "b=c"] && command.user == "root")
        #expect(command.input == Data([0x69, 0x6e, 0xff]) && command.timeout == .milliseconds(5) && command.outputLimit == 1 << 20)
        guard case .put(let files) = try HostRequest(message("request-node-put").payload), let (_, file) = files.first else {
            throw Problem(.internal, "not node_put")
        }
        #expect(file.path == "/etc/x" && file.mode == 0o600 && file.owner == nil && file.content == Data("hello".utf8))
        let put = try message("request-state-put")
        guard case .putState("k", Data("v".utf8), expecting: 9) = try HostRequest(put.payload) else {
            throw Problem(.internal, "not state_put")
        }
        #expect(put.call == 2 && put.request == 3)
    }

    @Test func messagesOfSeveralFramesAndOfASealedFile() throws {
        #expect(try GoldenFrames.packet("result-begins").withUnsafeBytes { try FrameHeader($0) }.part == .more)
        let payload = [UInt8](repeating: 7, count: 300_000)
        let file = try #require(SealedFile.make(payload))
        var assembler = MessageAssembler()
        let packet = try GoldenFrames.packet("result-sealed")
        let message = try packet.withUnsafeBytes { try assembler.add($0, descriptor: .one(file)) }
        #expect(message == Message(kind: .result, call: 2, payload: payload))
    }

    @Test func noBitOfAHeaderIsWithoutMeaning() throws {
        let packet = try GoldenFrames.packet("result")
        let whole = try packet.withUnsafeBytes { try FrameHeader($0) }
        for bit in 0..<FrameHeader.size * 8 {
            var changed = packet
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let header = try? changed.withUnsafeBytes({ try FrameHeader($0) }) else { continue }
            #expect(header != whole, "bit \(bit)")
        }
    }
}
