// SPDX-License-Identifier: Apache-2.0

import CLinux
public import ImpresarioModel
public import Logging

/// Runs plugins in sandboxed guest processes, a process per plugin version and tenant and one call at a time in each.
///
/// A guest that crashes, hangs or breaks the protocol fails the one call it served; the next call gets a new process, after a pause that grows
/// while a plugin keeps crashing for a tenant, and in a crash loop the version goes into quarantine. Guests die with the pool, and with the broker's process however that ends.
///
///     let pool = GuestPool(executable: "/usr/lib/impresario/impresario-guest", installation: "i-4k2", logger: logger)
///     let inspection = try await pool.inspect(library: path)
///     await pool.register(pin, manifest: inspection.manifest, library: path)
///     let plan = try await pool.call(call, services: services)
///     await pool.shutdown()
public final class GuestPool: PluginRuntime {
    private let core: GuestPoolCore

    /// - Parameters:
    ///   - executable: absolute path of `impresario-guest`.
    ///   - installation: names the guests' cgroups, so that two brokers on one machine never touch each other's. A DNS label.
    public init(executable: String, installation: String, logger: Logger, options: GuestOptions = GuestOptions()) {
        var options = options
        options.readablePaths += Self.swiftRuntime()
        core = GuestPoolCore(executable: executable, installation: installation, log: logger, options: options)
        core.start(installation: installation)
    }

    deinit { core.close() }

    public func inspect(library path: String) async throws(Problem) -> Inspection {
        let sha256 = try FileDigest.sha256(ofFile: path)
        let readiness = try await core.inspect(library: path)
        return Inspection(manifest: try ManifestReader.read(readiness.descriptor), sha256: sha256, sandbox: readiness.sandbox)
    }

    public func register(_ pin: PluginPin, manifest: PluginManifest, library path: String) async {
        register(pin, library: path)
    }

    /// As the protocol's; the pool has no use for the manifest, whose operations come with their calls.
    public func register(_ pin: PluginPin, library path: String) { core.register(pin, library: path) }

    public func unregister(_ pin: PluginPin) async { core.unregister(pin) }

    public func quarantine(_ pin: PluginPin, reason: String) async { core.quarantine(pin, reason: reason) }

    public func lift(_ pin: PluginPin) async { core.lift(pin) }

    public var crashLoops: AsyncStream<CrashLoop> { core.crashLoops }

    /// The layers of the sandbox that guests get on this machine, as one of them tells that loads nothing.
    public func sandbox() async throws(Problem) -> [SandboxLayer] { try await core.probe() }

    /// Guest processes of this pool that run or have not been reaped.
    public var guestCount: Int { core.guestCount }

    public func call(_ call: PluginCall, services: any HostServices) async throws(Problem) -> JSONValue {
        let checksDocuments = core.options.checksDocuments
        if checksDocuments { try VerbDocuments.check(call) }
        let invocation = try Invocation(call)
        let deadline = ContinuousClock.now + call.timeout
        let key = GuestKey(pin: call.plugin, tenant: call.tenant)
        // A guest can end between two calls, which is nobody's failure.
        for _ in 0..<3 {
            let guest = try await core.acquire(key, deadline: deadline)
            let conversation = Conversation(call: call, invocation: invocation, services: services, guest: guest)
            if let outcome = await conversation.run(deadline: deadline, grace: core.options.cancelGrace, wake: core.wake) {
                var fault: Problem?
                if case .failure(let problem) = outcome, conversation.isPluginsFault(outcome) { fault = problem }
                core.release(guest, key: key, fault: fault)
                return checksDocuments ? try VerbDocuments.checked(outcome.get(), of: call) : try outcome.get()
            }
            core.release(guest, key: key, fault: nil)
        }
        throw Problem(.pluginUnavailable, "The processes of the plugin '\(call.plugin.id)' keep ending before they can be called.")
    }

    /// Ends all guests and waits until their processes are gone. Calls that run fail with `shutting-down`; later ones too.
    public func shutdown() async {
        core.close()
        await core.waitForEnd()
    }

    /// Plugins in Swift need the runtime's libraries; where the broker finds them, so may they.
    private static func swiftRuntime() -> [String] {
        var path = [CChar](repeating: 0, count: 4096)
        guard clinux_library_of("swift_retain", &path, path.count) != 0 else { return [] }
        let file = String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let slash = file.lastIndex(of: "/") else { return [] }
        return [String(file[..<slash])]
    }
}
