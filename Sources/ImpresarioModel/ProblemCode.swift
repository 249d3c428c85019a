// SPDX-License-Identifier: Apache-2.0

/// Every code the broker itself answers with. A code is never renamed or given another meaning.
public enum ProblemCode: String, Sendable, CaseIterable {
    // The request.
    case invalidBody = "invalid-body"
    case invalidName = "invalid-name"
    case invalidQuantity = "invalid-quantity"
    case invalidParameters = "invalid-parameters"
    case invalidQuery = "invalid-query"
    case invalidHeader = "invalid-header"
    case unsupportedMediaType = "unsupported-media-type"
    case bodyTooLarge = "body-too-large"
    case methodNotAllowed = "method-not-allowed"
    // The caller.
    case unauthenticated = "unauthenticated"
    case denied = "denied"
    case notFound = "not-found"
    // What exists.
    case exists = "already-exists"
    case inUse = "in-use"
    case conflict = "conflict"
    case preconditionFailed = "precondition-failed"
    case idempotencyMismatch = "idempotency-mismatch"
    case notReady = "not-ready"
    case notSupportedYet = "not-supported-yet"
    // Admission.
    case unknownType = "unknown-type"
    case unknownFlavor = "unknown-flavor"
    case cannotChange = "cannot-change"
    case notRemovable = "not-removable"
    case pluginDisabled = "plugin-disabled"
    case quotaExceeded = "quota-exceeded"
    case overcommitted = "limits-overcommitted"
    case noCapacity = "no-capacity"
    case noAddresses = "no-addresses"
    case trustViolation = "zone-not-shared"
    case leaseTooLong = "lease-too-long"
    case noQuorum = "no-quorum"
    // Work.
    case deadlineExceeded = "deadline-exceeded"
    case cancelled = "cancelled"
    case stepFailed = "step-failed"
    // Plugins.
    case pluginCrashed = "plugin-crashed"
    case pluginProtocol = "plugin-protocol"
    case pluginUnavailable = "plugin-unavailable"
    case pluginInvalid = "plugin-invalid"
    case pluginFailed = "plugin-failed"
    case pluginQuarantined = "plugin-quarantined"
    case sandboxMissing = "sandbox-missing"
    case approvalRequired = "approval-required"
    case shadowDiffers = "shadow-differs"
    case moveRefused = "move-refused"
    case rollbackRefused = "rollback-refused"
    // Machines.
    case infrastructure = "infrastructure-failed"
    case nodeUnreachable = "node-unreachable"
    case packageUnavailable = "package-unavailable"
    // The broker.
    case overloaded = "overloaded"
    case storeFailed = "store-failed"
    case shuttingDown = "shutting-down"
    case `internal` = "internal"
    // Clients say these; no broker answers them.
    case unreachable = "unreachable"
    case invalidAnswer = "invalid-answer"
    case waitTimedOut = "wait-timed-out"
    case invalidUsage = "invalid-usage"

    /// The HTTP status it travels under.
    public var status: Int {
        switch self {
        case .invalidBody, .invalidName, .invalidQuantity, .invalidQuery, .invalidHeader, .invalidUsage: 400
        case .unauthenticated: 401
        case .denied: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .exists, .inUse, .conflict, .notReady, .pluginDisabled, .cancelled, .pluginQuarantined, .approvalRequired, .shadowDiffers,
            .moveRefused, .rollbackRefused, .notRemovable, .noQuorum:
            409
        case .preconditionFailed: 412
        case .bodyTooLarge: 413
        case .unsupportedMediaType: 415
        case .invalidParameters, .cannotChange, .unknownType, .unknownFlavor, .quotaExceeded, .overcommitted, .idempotencyMismatch,
            .trustViolation, .leaseTooLong:
            422
        case .noCapacity, .noAddresses: 409
        case .notSupportedYet: 501
        case .overloaded, .shuttingDown, .pluginUnavailable, .storeFailed, .unreachable, .sandboxMissing: 503
        case .deadlineExceeded, .waitTimedOut: 504
        case .stepFailed, .pluginCrashed, .pluginProtocol, .pluginInvalid, .pluginFailed, .infrastructure, .nodeUnreachable,
            .packageUnavailable, .invalidAnswer:
            502
        case .internal: 500
        }
    }

    public var owner: Problem.Owner {
        switch self {
        case .pluginCrashed, .pluginProtocol, .pluginUnavailable, .pluginInvalid, .pluginFailed: .plugin
        case .infrastructure, .nodeUnreachable, .stepFailed, .deadlineExceeded, .noQuorum: .infrastructure
        case .pluginQuarantined, .sandboxMissing, .approvalRequired, .shadowDiffers, .moveRefused, .rollbackRefused, .pluginDisabled,
            .noCapacity,
            .noAddresses, .trustViolation, .overloaded, .storeFailed, .shuttingDown, .internal,
            .packageUnavailable, .unreachable, .invalidAnswer:
            .admin
        default: .tenant
        }
    }

    public var isRetryable: Bool {
        switch self {
        case .overloaded, .shuttingDown, .pluginUnavailable, .pluginCrashed, .nodeUnreachable, .infrastructure, .storeFailed, .unreachable,
            .pluginQuarantined:
            true
        default: false
        }
    }
}
