// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Statuses of `imp_status`, and what they mean on each side.
enum PluginStatus: Int32 {
    case ok, invalid, notFound, exists, denied, conflict, precondition, exhausted, busy, cancelled, deadline, unavailable, unimplemented,
        `internal`

    /// How a problem of the broker is told to a plugin.
    init(_ problem: Problem) {
        switch ProblemCode(rawValue: problem.code) {
        case .invalidBody, .invalidName, .invalidQuantity, .invalidParameters, .invalidQuery, .invalidHeader: self = .invalid
        case .notFound: self = .notFound
        case .exists: self = .exists
        case .denied, .unauthenticated: self = .denied
        case .conflict, .preconditionFailed: self = .conflict
        case .notReady, .pluginDisabled: self = .precondition
        case .quotaExceeded, .noCapacity, .noAddresses, .bodyTooLarge: self = .exhausted
        case .inUse: self = .busy
        case .cancelled: self = .cancelled
        case .deadlineExceeded: self = .deadline
        case .infrastructure, .nodeUnreachable, .storeFailed, .overloaded, .shuttingDown: self = .unavailable
        case .notSupportedYet: self = .unimplemented
        default: self = .internal
        }
    }
}

/// What a plugin's failed call means to the caller.
enum PluginFailure {
    static func problem(_ result: CallResult, plugin: String, what: String, lastHostProblem: Problem?) -> Problem {
        let status = PluginStatus(rawValue: result.status)
        guard let told = result.problem else {
            switch status {
            case .cancelled: return Problem(.cancelled, "\(what) of the plugin '\(plugin)' was cancelled.")
            case .deadline: return Problem(.deadlineExceeded, "\(what) of the plugin '\(plugin)' ran out of time.", owner: .plugin)
            default:
                var problem = Problem(.pluginFailed, "The plugin '\(plugin)' answered \(what) with status \(result.status) and no reason.")
                problem.isRetryable = status == .unavailable || status == .busy ? true : nil
                return problem
            }
        }
        // A host call's failure that the plugin handed on as it was is told in the broker's own words.
        if let lastHostProblem, lastHostProblem.code == told.code { return lastHostProblem }
        let field = told.field.isEmpty ? nil : told.field
        let message = told.message.isEmpty ? "The plugin '\(plugin)' failed in \(what)." : told.message
        let detail = told.detail.isEmpty ? nil : told.detail
        switch status {
        case .invalid:
            return Problem(.invalidParameters, message, field: field, detail: detail, facts: ["code": .string(code(told, of: plugin))])
        case .cancelled:
            return Problem(.cancelled, message, detail: detail)
        case .deadline:
            return Problem(.deadlineExceeded, message, detail: detail, owner: owner(told) ?? .plugin)
        default:
            let isRetryable = told.flags & WireProblem.retry != 0 || status == .unavailable || status == .busy
            return Problem(
                pluginCode: code(told, of: plugin), message: message, field: field, detail: detail, owner: owner(told) ?? .plugin,
                isRetryable: isRetryable)
        }
    }

    private static func code(_ told: WireProblem, of plugin: String) -> String {
        told.code.isEmpty ? "\(plugin).failed" : told.code.hasPrefix("\(plugin).") ? told.code : "\(plugin).\(told.code)"
    }

    private static func owner(_ told: WireProblem) -> Problem.Owner? {
        switch told.owner {
        case 1: .tenant
        case 2: .admin
        case 3: .plugin
        case 4: .infrastructure
        default: nil
        }
    }
}
