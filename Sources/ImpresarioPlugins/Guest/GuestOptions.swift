// SPDX-License-Identifier: Apache-2.0

/// Bounds of a ``GuestPool`` and of each guest in it.
public struct GuestOptions: Sendable {
    /// Guests of one plugin version and tenant, so calls of them at once.
    public var guestsPerTenant = 4
    /// Guests of all plugins and tenants.
    public var guests = 64
    /// A guest without a call for so long is ended.
    public var idleTimeout: Duration = .seconds(60)
    /// From the start of the process until the plugin is ready.
    public var startTimeout: Duration = .seconds(15)
    /// What a cancelled call has to end in peace.
    public var cancelGrace: Duration = .seconds(5)
    /// Bytes, enforced by a memory cgroup where there is one.
    public var memoryLimit: Int64 = 512 << 20
    /// Processes and threads, enforced by a pids cgroup where there is one.
    public var processLimit = 128
    /// Each guest runs under a user id of its own from this range, when the broker is root.
    public var userIDs: ClosedRange<UInt32> = 2_013_265_920...2_013_331_455
    /// Sandbox layers without which no plugin is loaded; see ``SandboxPolicy``.
    public var requiredLayers: [String] = []
    /// Files and folders that guests may read and execute beside the system's libraries.
    public var readablePaths: [String] = []
    /// What tools for authors ask of the guest host; nothing in a broker.
    public var test = Test()

    public struct Test: Sendable {
        /// Offers the host table of this older minor version of the ABI.
        public var minor: Int?
        /// Logs how long the library's entry and `init` took.
        public var tellsTiming = false
        /// The library is loaded only when a debugger is attached.
        public var waitsForDebugger = false

        public init() {}

        var arguments: [String] {
            (minor.map { ["--minor", "\($0)"] } ?? []) + (tellsTiming ? ["--tell", "timing"] : [])
                + (waitsForDebugger ? ["--wait", "debugger"] : [])
        }
    }

    /// Whether documents of verbs are held against ``DocumentSchemas``. Off only where a test's plugin answers something else on purpose.
    public var checksDocuments = true

    public init() {}
}
