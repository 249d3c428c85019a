// SPDX-License-Identifier: Apache-2.0

public import CImpresario
public import Foundation

/// A host for tests of plugins: a real `imp_host` table whose nodes are a closure and whose state lives in memory. It is no broker: it checks little and
/// its certificates are words.
public final class FakeHost {
    /// One command as the plugin asked for it.
    public struct Command {
        public var node: String
        public var arguments: [String]
        public var environment: [String]
        public var user: String
        public var input: String
    }

    /// How a command ended.
    public struct Answer {
        public var exitCode: Int32
        public var output: String
        public var error: String
        public init(_ output: String = "", exitCode: Int32 = 0, error: String = "") {
            self.output = output
            self.exitCode = exitCode
            self.error = error
        }
    }

    public struct Failure: Equatable {
        public var status: Int32
        public var code: String
        public var message: String
        public var field: String
        public var owner: UInt32
        public var flags: UInt32
    }

    /// What nodes do.
    public var run: (Command) -> Answer = { _ in Answer() }
    /// The host call (commands, files, services, state, certificates; counted from 1) that answers `IMP_UNAVAILABLE`: before it had an effect, or after.
    public var interruption: (at: Int, afterEffect: Bool)?
    /// Host calls so far.
    public private(set) var callCount = 0
    /// Ids of nodes that cannot be reached.
    public var unreachable: Set<String> = []
    public var isCancelled = false
    /// The document, for typed operations.
    public var document = Data("{}".utf8)

    public private(set) var commands: [Command] = []
    /// By node and path, `n1:/etc/hosts`.
    public private(set) var files: [String: Data] = [:]
    public private(set) var services: [(node: String, json: String)] = []
    public private(set) var states: [String: (value: Data, version: UInt64)] = [:]
    public private(set) var profiles: [(name: String, json: String)] = []
    public private(set) var revocations: [[String]] = []
    public private(set) var logs: [String] = []
    public private(set) var progress: [(UInt32, String)] = []
    public private(set) var failure: Failure?
    private var sinks: [FakeSink] = []
    private var serial = 0
    /// The problem of the last host function, in memory that lives as long as the host.
    private let problem = UnsafeMutablePointer<imp_problem>.allocate(capacity: 1)
    private let problemCode = strdup("host.fake")
    private let problemMessage = strdup("The fake host says no.")

    public let table: UnsafePointer<imp_host>

    public init() {
        let table = UnsafeMutablePointer<imp_host>.allocate(capacity: 1)
        table.initialize(to: Self.functions())
        self.table = UnsafePointer(table)
    }

    deinit {
        table.deallocate()
        problem.deallocate()
        free(problemCode)
        free(problemMessage)
    }

    /// The `imp_call *` of a call into the plugin. A pointer keeps nothing alive, so the host lives until the test process ends.
    public private(set) lazy var call = OpaquePointer(Unmanaged.passRetained(self).toOpaque())

    /// Runs the effect of a host call, unless it is the one to be interrupted.
    fileprivate func effect(_ body: () -> imp_status) -> imp_status {
        callCount += 1
        guard let interruption, interruption.at == callCount else { return body() }
        if interruption.afterEffect { _ = body() }
        return imp_status(IMP_UNAVAILABLE)
    }

    public func makeSink() -> OpaquePointer {
        let sink = FakeSink()
        sinks.append(sink)
        return OpaquePointer(Unmanaged.passUnretained(sink).toOpaque())
    }

    public func content(of sink: OpaquePointer) -> String { String(decoding: fakeSink(sink).bytes.dropLast(), as: UTF8.self) }
}

/// Bytes with a NUL behind them.
private final class FakeSink {
    var bytes: [UInt8] = [0]
    /// What was shown; kept until the call ends.
    var views: [UnsafeMutableBufferPointer<CChar>] = []
    deinit { for view in views { view.deallocate() } }
}

private func fakeHost(_ call: OpaquePointer?) -> FakeHost {
    Unmanaged<FakeHost>.fromOpaque(UnsafeRawPointer(call!)).takeUnretainedValue()
}

private func fakeSink(_ out: OpaquePointer) -> FakeSink {
    Unmanaged<FakeSink>.fromOpaque(UnsafeRawPointer(out)).takeUnretainedValue()
}

private func text(_ text: imp_str) -> String {
    String(decoding: UnsafeRawBufferPointer(start: text.ptr, count: text.len), as: UTF8.self)
}

private func data(_ text: imp_str) -> Data { Data(UnsafeRawBufferPointer(start: text.ptr, count: text.len)) }

private func append(_ data: some Collection<UInt8>, to out: OpaquePointer?) {
    guard let out else { return }
    let sink = fakeSink(out)
    sink.bytes.insert(contentsOf: data, at: sink.bytes.count - 1)
}

extension FakeHost {
    private func put(_ key: String, _ value: Data, _ expect: UInt64) -> (imp_status, UInt64) {
        guard (states[key]?.version ?? 0) == expect else { return (imp_status(IMP_CONFLICT), 0) }
        if value.isEmpty {
            states[key] = nil
            return (0, 0)
        }
        states[key] = (value, expect + 1)
        return (0, expect + 1)
    }

    private static func functions() -> imp_host {
        var table = imp_host()
        table.struct_size = UInt32(MemoryLayout<imp_host>.size)
        table.get_extension = { _, _ in nil }
        table.out_write = { out, bytes, count in
            append(UnsafeRawBufferPointer(start: bytes, count: count), to: out)
            return 0
        }
        table.out_new = { call, _ in fakeHost(call).makeSink() }
        table.out_view = { out in
            let sink = fakeSink(out!)
            let view = UnsafeMutableBufferPointer<CChar>.allocate(capacity: sink.bytes.count)
            _ = view.initialize(fromContentsOf: sink.bytes.map { CChar(bitPattern: $0) })
            sink.views.append(view)
            return imp_str(ptr: view.baseAddress, len: sink.bytes.count - 1)
        }
        table.out_clear = { out in fakeSink(out!).bytes = [0] }
        table.fail = { call, status, problem in
            if let problem = problem?.pointee {
                fakeHost(call).failure = FakeHost.Failure(
                    status: status, code: text(problem.code), message: text(problem.message), field: text(problem.field),
                    owner: problem.owner,
                    flags: problem.flags)
            }
            return status
        }
        table.last_problem = { call in
            let host = fakeHost(call)
            var problem = imp_problem()
            problem.struct_size = UInt32(MemoryLayout<imp_problem>.size)
            problem.flags = UInt32(IMP_E_RETRY)
            problem.code = imp_str_of(host.problemCode)
            problem.message = imp_str_of(host.problemMessage)
            host.problem.initialize(to: problem)
            return UnsafePointer(host.problem)
        }
        table.context = { call, out in
            append(fakeHost(call).document, to: out)
            return 0
        }
        table.log = { call, _, message, _ in fakeHost(call).logs.append(text(message)) }
        table.progress = { call, share, phase in fakeHost(call).progress.append((share, text(phase))) }
        table.cancelled = { call in fakeHost(call).isCancelled ? 1 : 0 }
        table.deadline_ns = { _ in .max }
        table.event = { _, _, _ in }
        return addNodes(addState(table))
    }

    private static func addNodes(_ table: imp_host) -> imp_host {
        var table = table
        table.node_exec = { call, commands, count in
            fakeHost(call).effect {
                let host = fakeHost(call)
                let entries = (0..<count).map { commands![$0]! }
                if entries.contains(where: { host.unreachable.contains(text($0.pointee.node)) }) { return imp_status(IMP_UNAVAILABLE) }
                for entry in entries {
                    let command = FakeHost.Command(
                        node: text(entry.pointee.node), arguments: (0..<entry.pointee.argc).map { text(entry.pointee.argv[$0]) },
                        environment: (0..<entry.pointee.envc).map { text(entry.pointee.env[$0]) }, user: text(entry.pointee.user),
                        input: text(entry.pointee.in))
                    host.commands.append(command)
                    let answer = host.run(command)
                    append(answer.output.utf8, to: entry.pointee.out)
                    append(answer.error.utf8, to: entry.pointee.err)
                    entry.pointee.exit_code = answer.exitCode
                }
                return 0
            }
        }
        table.node_put = { call, files, count in
            fakeHost(call).effect {
                for file in (0..<count).map({ files![$0]!.pointee }) {
                    if fakeHost(call).unreachable.contains(text(file.node)) { return imp_status(IMP_UNAVAILABLE) }
                    fakeHost(call).files["\(text(file.node)):\(text(file.path))"] = data(file.bytes)
                }
                return 0
            }
        }
        table.node_get = { call, node, path, _, out in
            fakeHost(call).effect {
                if fakeHost(call).unreachable.contains(text(node)) { return imp_status(IMP_UNAVAILABLE) }
                guard let file = fakeHost(call).files["\(text(node)):\(text(path))"] else { return imp_status(IMP_NOT_FOUND) }
                append(file, to: out)
                return 0
            }
        }
        table.node_service = { call, node, json in
            fakeHost(call).effect {
                for node in text(node).split(separator: ",") { fakeHost(call).services.append((String(node), text(json))) }
                return 0
            }
        }
        return table
    }

    private static func addState(_ table: imp_host) -> imp_host {
        var table = table
        table.state_get = { call, key, out, version in
            fakeHost(call).effect {
                guard let entry = fakeHost(call).states[text(key)] else { return imp_status(IMP_NOT_FOUND) }
                append(entry.value, to: out)
                version?.pointee = entry.version
                return 0
            }
        }
        table.state_put = { call, key, value, expect, version in
            fakeHost(call).effect {
                let (status, new) = fakeHost(call).put(text(key), data(value), expect)
                version?.pointee = new
                return status
            }
        }
        table.secret_get = { call, key, out, version in
            fakeHost(call).effect {
                guard let entry = fakeHost(call).states["secret:" + text(key)] else { return imp_status(IMP_NOT_FOUND) }
                append(entry.value, to: out)
                version?.pointee = entry.version
                return 0
            }
        }
        table.secret_put = { call, key, value, expect, version in
            fakeHost(call).effect {
                let (status, new) = fakeHost(call).put("secret:" + text(key), data(value), expect)
                version?.pointee = new
                return status
            }
        }
        table.key_pair = { call, name, profile, out in
            fakeHost(call).effect {
                let host = fakeHost(call)
                host.profiles.append((text(name), text(profile)))
                host.serial += text(profile).contains("\"fresh\":true") ? 1 : 0
                let serial = text(profile).contains("\"fresh\":true") ? "a\(host.serial)" : "0"
                append(#"{"cert":"CERT","key":"KEY","ca":"CA","serial":"\#(serial)"}"#.utf8, to: out)
                return 0
            }
        }
        table.revocation_list = { call, _, serials, count, out in
            fakeHost(call).effect {
                let list = (0..<count).map { text(serials![$0]) }
                fakeHost(call).revocations.append(list)
                append("CRL \(list.joined(separator: ","))".utf8, to: out)
                return 0
            }
        }
        return table
    }
}
