// SPDX-License-Identifier: Apache-2.0

import CImpresario
import FoundationEssentials
import Synchronization

/// What the process exports: filled by ``Plugin/export(hostMinor:)``, read by the trampolines.
struct Exports: Sendable {
    /// Unchecked: host and descriptor are written by one side before they are shown to the other and unchanged as long as the process, so they
    /// may be read from any thread.
    struct Shared<Pointee>: @unchecked Sendable { let pointer: UnsafePointer<Pointee> }

    var plugin: Plugin
    var descriptor: Shared<imp_plugin>
    /// Of all types, by their place in ``OperationTrampolines/functions``.
    var operations: [TypedOperation]
    var host: Shared<imp_host>?
    /// Why the plugin cannot be used; the host shows it to the admin.
    var refusal: String?

    static let current = Mutex<Exports?>(nil)

    static func initialize(_ host: UnsafePointer<imp_host>?, _ call: OpaquePointer?) -> imp_status {
        guard let host, let call else { return PluginProblem.Status.invalid.rawValue }
        let shared = Shared(pointer: host)
        let refusal = current.withLock { exports in
            exports?.host = shared
            return exports?.refusal
        }
        guard let refusal else { return 0 }
        return fail(host, call, PluginProblem(.unimplemented, code: "sdk.cannot-export", refusal, owner: .plugin))
    }

    static func serve(_ type: Int, _ verb: Verb, _ call: OpaquePointer?, _ input: imp_str, _ output: OpaquePointer?) -> imp_status {
        serve(call) { exports, host, call in
            let context = try JSONDecoder().decode(Context.self, from: Data(input))
            let invocation = Call(context: context, host: host, pointer: call)
            guard let result = try verb.run(exports.plugin.types[type], invocation) else { return }
            try invocation.append(result, to: UInt(bitPattern: output))
        }
    }

    static func serve(operation index: Int, _ call: OpaquePointer?, _ words: WordReader) -> imp_status {
        serve(call) { exports, host, call in
            guard exports.operations.indices.contains(index) else {
                throw PluginProblem(.unimplemented, code: "sdk.no-operation", "There is no such operation.", owner: .plugin)
            }
            let operation = exports.operations[index]
            let sinks = SinkPool(host: host, call: call)
            let sink = try sinks.take()
            let status = host.pointee.context(call, sink)
            guard status == 0 else { throw PluginProblem(status, host.pointee.last_problem(call)) }
            let context = try JSONDecoder().decode(Context.self, from: Data(host.pointee.out_view(sink)))
            var reader = words
            try operation.body(Call(context: context, host: host, pointer: call), &reader)
        }
    }

    /// The barrier on every export: no Swift error passes it.
    private static func serve(
        _ call: OpaquePointer?, _ body: (Exports, UnsafePointer<imp_host>, OpaquePointer) throws -> Void
    ) -> imp_status {
        let exports = current.withLock { $0 }
        guard let call, let exports, let host = exports.host?.pointer else { return PluginProblem.Status.precondition.rawValue }
        do {
            try body(exports, host, call)
            return 0
        } catch {
            return fail(host, call, PluginProblem(wrapping: error))
        }
    }

    private static func fail(_ host: UnsafePointer<imp_host>, _ call: OpaquePointer, _ problem: PluginProblem) -> imp_status {
        Arena.with { arena in
            var entry = imp_problem()
            entry.struct_size = UInt32(MemoryLayout<imp_problem>.size)
            entry.flags = problem.isRetryable ? UInt32(IMP_E_RETRY) : 0
            entry.owner = problem.owner?.rawValue ?? 0
            entry.code = arena.text(problem.code)
            entry.field = arena.text(problem.field)
            entry.message = arena.text(problem.message)
            entry.detail = arena.text(problem.detail.map { String($0.prefix(8000)) })
            return host.pointee.fail(call, problem.status.rawValue, &entry)
        }
    }
}
