// SPDX-License-Identifier: Apache-2.0

import CImpresario

/// Why a call failed, in a form that a stranger can act on. Throw it out of a verb; host calls throw it too.
public struct PluginProblem: Error, Hashable, Sendable {
    /// `IMP_INVALID` … `IMP_INTERNAL`, or 1000 and above for the plugin's own.
    public struct Status: RawRepresentable, Hashable, Sendable {
        /// As in the header.
        public var rawValue: Int32
        /// Any status but `IMP_OK`.
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// An argument or parameter is wrong; say which in ``PluginProblem/field``.
        public static let invalid = Status(rawValue: 1)
        /// It is not there.
        public static let notFound = Status(rawValue: 2)
        /// It is there already.
        public static let exists = Status(rawValue: 3)
        /// Not allowed.
        public static let denied = Status(rawValue: 4)
        /// A compare-and-swap lost: read again and decide again.
        public static let conflict = Status(rawValue: 5)
        /// Not in this state, or not in this class of verb.
        public static let precondition = Status(rawValue: 6)
        /// A bound or quota is reached.
        public static let exhausted = Status(rawValue: 7)
        /// Something else is at work.
        public static let busy = Status(rawValue: 8)
        /// Somebody cancelled.
        public static let cancelled = Status(rawValue: 9)
        /// Time is over.
        public static let deadline = Status(rawValue: 10)
        /// May work later without a change.
        public static let unavailable = Status(rawValue: 11)
        /// The host or plugin does not have it.
        public static let unimplemented = Status(rawValue: 12)
        /// A mistake of the plugin or host.
        public static let `internal` = Status(rawValue: 13)
    }

    /// Who can mend it.
    public enum Owner: UInt32, Sendable {
        case tenant = 1
        case admin = 2
        case plugin = 3
        case infrastructure = 4
    }

    /// The class of failure.
    public var status: Status
    /// Stable, for programs: `plan.too-few-managers`. Dotted DNS labels.
    public var code: String
    /// For the tenant: a sentence or two, no secrets.
    public var message: String
    /// JSON pointer into the parameters or arguments.
    public var field: String?
    /// For the log and the admin.
    public var detail: String?
    /// Nil: derived from the status.
    public var owner: Owner?
    /// The same call can succeed later.
    public var isRetryable: Bool

    /// A problem. What is ``Status/unavailable`` is retryable unless said otherwise.
    public init(
        _ status: Status, code: String, _ message: String, field: String? = nil, detail: String? = nil, owner: Owner? = nil,
        isRetryable: Bool? = nil
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.detail = detail
        self.owner = owner
        self.isRetryable = isRetryable ?? (status == .unavailable)
    }

    /// Any error that left a verb, as a problem: itself, a document that does not fit, or a mistake of the plugin.
    init(wrapping error: any Error) {
        switch error {
        case let problem as PluginProblem: self = problem
        case is CancellationError: self.init(.cancelled, code: "sdk.cancelled", "The call was cancelled.")
        case let error as DecodingError:
            self.init(
                .invalid, code: "sdk.invalid-document", "A member is missing or not of the right type.", field: Self.pointer(error),
                detail: String(describing: error))
        default:
            self.init(.internal, code: "sdk.failed", "The plugin made a mistake.", detail: String(describing: error), owner: .plugin)
        }
    }

    /// What `last_problem` said; a sentence of its own when it said nothing.
    init(_ status: imp_status, _ problem: UnsafePointer<imp_problem>?) {
        let known = problem?.pointee
        self.init(
            Status(rawValue: status), code: known.map { String($0.code) } ?? "host.failed",
            known.map { String($0.message) } ?? "A host call failed with status \(status).",
            field: known.flatMap { $0.field.len == 0 ? nil : String($0.field) },
            detail: known.flatMap { $0.detail.len == 0 ? nil : String($0.detail) }, owner: known.flatMap { Owner(rawValue: $0.owner) },
            isRetryable: known.map { $0.flags & UInt32(IMP_E_RETRY) != 0 })
    }

    private static func pointer(_ error: DecodingError) -> String? {
        let path: [any CodingKey]? =
            switch error {
            case .keyNotFound(let key, let context): context.codingPath + [key]
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): context.codingPath
            @unknown default: nil
            }
        return path.map { $0.map { "/" + ($0.intValue.map(String.init) ?? $0.stringValue) }.joined() }
    }
}
