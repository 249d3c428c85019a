// SPDX-License-Identifier: Apache-2.0

import CImpresario
import Foundation
import PluginTestSupport
import Synchronization
import Testing

@testable import ImpresarioPluginKit

/// A type that does something small in each verb.
private struct Toy: ClusterType {
    let id = "toy"
    let name = "Toy"
    let summary = "A toy."
    let description = "For tests."
    let createSchema: JSONValue = ["type": "object"]
    let updateSchema: JSONValue? = ["type": "object", "properties": ["a": ["type": "integer"]]]

    var operations: [TypedOperation] {
        [
            TypedOperation(
                "mix", summary: "Takes one of each.", flags: [.readOnly, .idempotent],
                Parameter<String>("text", "A text."), Parameter<Int32>("small", "A number."), Parameter<Data>("bytes", "Bytes."),
                Parameter<String?>("maybe", "A text or none."), returns: Parameter<String>("all", "All of it.", isSecret: true)
            ) { call, text, small, bytes, maybe in
                "\(text) \(small) \(bytes.count) \(maybe ?? "none") \(call.context.cluster.name)"
            },
            TypedOperation(
                "flag", summary: "Takes a truth value.", Parameter<Bool>("flag", "It.", default: true),
                Parameter<[String]>("list", "Texts.")
            ) { _, flag, list in
                if flag { throw PluginProblem(.busy, code: "toy.flag", list.joined(separator: "+"), field: "/flag", owner: .tenant) }
            },
            TypedOperation(
                "half", summary: "A fraction.", Parameter<Int64>("of", "A number."), returns: Parameter<Double>("half", "Half of it.")
            ) {
                _, number in Double(number) / 2
            },
            TypedOperation(
                "many", summary: "More than registers hold.", since: "1.1.0", deprecated: "Use flag.",
                Parameter<Double>("a", "A number."), Parameter<Int64>("b", "A number."), Parameter<Double>("c", "A number."),
                Parameter<[String]>("d", "Texts."), Parameter<Data>("e", "Bytes."), Parameter<Int32>("f", "A number."),
                Parameter<Bool>("g", "A truth value."), Parameter<Duration>("h", "A time."),
                returns: Parameter<String>("all", "All of it."), Parameter<Double>("sum", "Of the doubles."),
                Parameter<Bool>("not", "Not g.")
            ) { _, a, b, c, d, e, f, g, h in
                ("\(a) \(b) \(c) \(d) \(e.count) \(f) \(g) \(h)", a + c, !g)
            },
        ]
    }

    func validate(_ context: Context) throws -> ValidationResult { ValidationResult(params: context.cluster.params) }
    func plan(_ context: Context) throws -> ClusterPlan { ClusterPlan(groups: []) }
    func bootstrap(_ call: borrowing Call) throws -> JoinResult {
        struct Count: Codable { var n = 0 }
        let n = try call.updateState("count", initial: Count()) { count in
            count.n += 1
            return count.n
        }
        let outcomes = try call.execute(
            call.context.nodes.map { Command($0, ["hello", $0.name], environment: ["A": "b"], input: Data("in".utf8)) })
        call.progress(0.25, "counting")
        return JoinResult(joined: outcomes.map { "\($0.output)\(n)" })
    }
    func join(_ call: borrowing Call, _ nodes: [Node]) throws -> JoinResult { JoinResult(joined: nodes.map(\.id)) }
    func leave(_ call: borrowing Call, _ request: LeaveRequest) throws {
        _ = try call.poll(upTo: .seconds(5), every: .milliseconds(1)) { false }
    }
    func health(_ call: borrowing Call) throws -> HealthReport {
        HealthReport(health: .healthy, nodes: [.init(id: "n", state: .ready, removalCost: 3)])
    }
    func credentials(_ call: borrowing Call, _ request: CredentialsRequest) throws -> Credentials {
        struct Odd: Error {}
        throw Odd()
    }
    func revoke(_ call: borrowing Call, binding: String) throws {}
    func destroy(_ call: borrowing Call) throws {}
}

@Suite(.serialized) struct ExportTests {
    private let plugin: UnsafePointer<imp_plugin>
    private let host = FakeHost()
    private var type: imp_type { plugin.pointee.types[0]!.pointee }

    init() throws {
        plugin = try #require(
            Plugin(id: "toy", version: "1.0.0", vendor: "Tests", license: "Apache-2.0", types: [Toy()]).export(hostMinor: 0))
        host.document = Data(Self.document().utf8)
        #expect(plugin.pointee.`init`(host.table, host.call) == 0)
    }

    private static func document(args: String = "{}") -> String {
        """
        {"v":1,"operation":{"id":"o1","kind":"create","attempt":1},
         "cluster":{"id":"c1","name":"web","params":{"a":1},"labels":{},"network":"10.208.0.0/24","future":true},
         "nodes":[{"id":"n1","name":"web-1","group":"g","role":"r","ordinal":0,"zone":"z","host":"h","address":"10.208.0.2","state":"running",
                   "flavor":{"cpu":1000,"memory":1,"disk":1}}],
         "endpoints":[],"args":\(args)}
        """
    }

    private func run(_ verb: imp_verb?, args: String = "{}", document: String? = nil) throws -> (status: Int32, output: String) {
        let verb = try #require(verb)
        let sink = host.makeSink()
        let status = (document ?? Self.document(args: args)).withCString { verb(host.call, imp_str_of($0), sink) }
        return (status, host.content(of: sink))
    }

    @Test func `the descriptor says what the type says and leaves out verbs that it does not have`() throws {
        #expect(String(cString: type.id) == "toy")
        #expect(plugin.pointee.struct_size == 88)
        #expect(type.configure == nil && type.upgrade == nil && type.migrate == nil)
        #expect(type.validate != nil && type.destroy != nil)
        #expect(String(cString: type.create_schema) == #"{"type":"object"}"#)
        #expect(String(cString: type.update_schema) == #"{"properties":{"a":{"type":"integer"}},"type":"object"}"#)
        #expect(type.binding_schema == nil)
    }

    @Test func `a verb gets the document and answers one`() throws {
        let (status, output) = try run(type.validate)
        #expect(status == 0)
        #expect(output == #"{"params":{"a":1}}"#)
        #expect(try run(type.join, args: #"{"nodes":["n1"]}"#).output == #"{"joined":["n1"]}"#)
        #expect(try run(type.health).output == #"{"health":"healthy","nodes":[{"id":"n","removal_cost":3,"state":"ready"}]}"#)
        #expect(try run(type.destroy).output == "")
    }

    @Test func `commands reach the nodes and state is kept between calls`() throws {
        host.run = { FakeHost.Answer($0.arguments.joined(separator: " ")) }
        #expect(try run(type.bootstrap).output == #"{"joined":["hello web-11"]}"#)
        #expect(try run(type.bootstrap).output == #"{"joined":["hello web-12"]}"#)
        #expect(host.commands.first?.environment == ["A=b"])
        #expect(host.commands.first?.input == "in")
        #expect(host.progress.first?.0 == 2500)
    }

    @Test func `a host call that fails is told as the host told it`() throws {
        host.unreachable = ["n1"]
        #expect(try run(type.bootstrap).status == Int32(IMP_UNAVAILABLE))
        #expect(host.failure?.code == "host.fake")
        #expect(host.failure?.flags == UInt32(IMP_E_RETRY))
    }

    @Test func `no Swift error passes the barrier`() throws {
        #expect(try run(type.credentials, args: #"{"binding":"b1"}"#).status == Int32(IMP_INTERNAL))
        #expect(host.failure?.owner == UInt32(IMP_OWNER_PLUGIN))
        #expect(try run(type.credentials).status == Int32(IMP_INVALID))
        #expect(host.failure?.field == "/binding")
        #expect(try run(type.validate, document: "nonsense").status == Int32(IMP_INVALID))
        #expect(try run(type.join, args: #"{"nodes":["n9"]}"#).status == Int32(IMP_INVALID))
    }

    @Test func `polling ends at once when the call is cancelled`() throws {
        host.isCancelled = true
        #expect(try run(type.leave, args: #"{"nodes":["n1"],"lost":false,"drain_deadline":30}"#).status == Int32(IMP_CANCELLED))
    }

    @Test func `a typed operation's table and function agree`() throws {
        let rows = (0..<type.nops).map { type.ops[$0]!.pointee }
        #expect(rows.map { String(cString: $0.id) } == ["mix", "flag", "half", "many"])
        let mix = rows[0]
        let parameters = (0..<mix.nparams).map { mix.params[$0]!.pointee }
        #expect(parameters.map(\.type) == [IMP_STR, IMP_I32, IMP_BYTES, IMP_STR, IMP_STR].map { UInt32($0) })
        #expect(parameters.map(\.flags) == [0, 0, 0, IMP_P_OPTIONAL, IMP_P_OUT | IMP_P_SECRET].map { UInt32($0) })

        typealias Mix =
            @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int32, UnsafePointer<UInt8>?, Int, UnsafePointer<CChar>?, OpaquePointer?)
            -> Int32
        let sink = host.makeSink()
        let status = unsafeBitCast(mix.fn, to: Mix.self)(host.call, "one", -2, [1, 2, 3], 3, nil, sink)
        #expect(status == 0)
        #expect(host.content(of: sink) == "one -2 3 none web")
    }

    @Test func `a typed operation without result fails with its own problem`() throws {
        typealias Flag = @convention(c) (OpaquePointer?, UInt8, UnsafePointer<UnsafePointer<CChar>?>?, Int) -> Int32
        let flag = unsafeBitCast(type.ops[1]!.pointee.fn, to: Flag.self)
        try "x".withCString { x in
            try "y".withCString { y in
                let list: [UnsafePointer<CChar>?] = [x, y]
                #expect(flag(host.call, 1, list, 2) == Int32(IMP_BUSY))
                let failure = try #require(host.failure)
                #expect(failure.message == "x+y" && failure.field == "/flag")
                #expect(flag(host.call, 0, list, 2) == 0)
            }
        }
    }

    @Test func `numbers come back in their place`() throws {
        typealias Half = @convention(c) (OpaquePointer?, Int64, UnsafeMutablePointer<Double>?) -> Int32
        var result = 0.0
        #expect(unsafeBitCast(type.ops[2]!.pointee.fn, to: Half.self)(host.call, 5, &result) == 0)
        #expect(result == 2.5)
    }

    @Test func `an operation may take more than registers hold and return several results`() throws {
        typealias Many =
            @convention(c) (
                OpaquePointer?, Double, Int64, Double, UnsafePointer<UnsafePointer<CChar>?>?, Int, UnsafePointer<UInt8>?, Int, Int32, UInt8,
                Int64,
                OpaquePointer?, UnsafeMutablePointer<Double>?, UnsafeMutablePointer<UInt8>?
            ) -> Int32
        let row = type.ops[3]!.pointee
        #expect(String(cString: row.since) == "1.1.0" && String(cString: row.deprecated) == "Use flag.")
        #expect(row.nparams == 11)
        let sink = host.makeSink()
        var sum = 0.0
        var not: UInt8 = 9
        let many = unsafeBitCast(row.fn, to: Many.self)
        let status = "x".withCString { many(host.call, 0.5, -7, 2.25, [$0, $0], 2, [1, 2, 3], 3, -1, 1, 1_500_000_000, sink, &sum, &not) }
        #expect(status == 0)
        #expect(host.content(of: sink) == #"0.5 -7 2.25 ["x", "x"] 3 -1 true 1.5 seconds"#)
        #expect(sum == 2.75 && not == 0)
    }

    @Test func `a plugin that cannot be exported says why when the host starts it`() throws {
        func refusal(_ operations: [TypedOperation], types: Int = 1) -> (plugin: imp_plugin, exports: Exports) {
            let type = Crowd(operations: operations)
            return Plugin(id: "crowd", version: "1", vendor: "T", license: "X", types: Array(repeating: type, count: types)).prepare()
        }
        let small = TypedOperation("small", summary: "S.") { _ in }
        let wide = TypedOperation(
            "wide", summary: "W.", Parameter<Data>("a", ""), Parameter<Data>("b", ""), Parameter<Data>("c", ""), Parameter<Data>("d", ""),
            Parameter<Data>("e", ""), Parameter<Data>("f", ""), Parameter<Data>("g", ""), Parameter<Data>("h", "")
        ) { _, _, _, _, _, _, _, _, _ in }
        #expect(refusal(Array(repeating: small, count: 64)).exports.refusal == nil)
        #expect(refusal(Array(repeating: small, count: 65)).exports.refusal?.contains("more than 64 typed operations") == true)
        #expect(refusal([wide]).exports.refusal?.contains("'wide' of type 'crowd' takes 16 words") == true)
        #expect(refusal([], types: 5).exports.refusal?.contains("5 types") == true)

        let (plugin, exports) = refusal([wide])
        #expect(plugin.ntypes == 1 && plugin.types[0]!.pointee.create_schema != nil)
        let known = Exports.current.withLock { $0 }
        Exports.current.withLock { $0 = exports }
        defer { Exports.current.withLock { $0 = known } }
        #expect(plugin.`init`(host.table, host.call) == Int32(IMP_UNIMPLEMENTED))
        #expect(host.failure?.message.hasPrefix("The plugin 'crowd' cannot be exported. The operation 'wide'") == true)
    }
}

/// A type with nothing but operations.
private struct Crowd: ClusterType {
    let id = "crowd"
    let name = "Crowd"
    let summary = "Many."
    let description = ""
    let createSchema: JSONValue = ["type": "object"]
    var operations: [TypedOperation]

    func validate(_ context: Context) throws -> ValidationResult { ValidationResult(params: [:]) }
    func plan(_ context: Context) throws -> ClusterPlan { ClusterPlan(groups: []) }
    func bootstrap(_ call: borrowing Call) throws -> JoinResult { JoinResult(joined: []) }
    func join(_ call: borrowing Call, _ nodes: [Node]) throws -> JoinResult { JoinResult(joined: []) }
    func leave(_ call: borrowing Call, _ request: LeaveRequest) throws {}
    func health(_ call: borrowing Call) throws -> HealthReport { HealthReport(health: .healthy) }
    func credentials(_ call: borrowing Call, _ request: CredentialsRequest) throws -> Credentials { Credentials(files: [:], env: [:]) }
    func revoke(_ call: borrowing Call, binding: String) throws {}
    func destroy(_ call: borrowing Call) throws {}
}
