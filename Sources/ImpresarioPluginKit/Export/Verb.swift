// SPDX-License-Identifier: Apache-2.0

import CImpresario
import FoundationEssentials

/// The verbs of a type, in the header's order.
enum Verb: CaseIterable, Sendable {
    case validate, plan, bootstrap, join, leave, health, credentials, revoke, configure, upgrade, migrate, destroy

    /// The optional ones are set only for types that have them.
    func isImplemented(by type: any ClusterType) -> Bool {
        switch self {
        case .configure: type is any Configurable
        case .upgrade: type is any Upgradable
        case .migrate: type is any Migrating
        default: true
        }
    }

    /// Decodes the arguments, calls the author's method and encodes the answer; nil stands for `{}`.
    func run(_ type: any ClusterType, _ call: borrowing Call) throws -> Data? {
        let context = call.context
        switch self {
        case .validate:
            return try JSONValue.data(type.validate(context))
        case .plan:
            return try JSONValue.data(type.plan(context))
        case .bootstrap:
            return try JSONValue.data(type.bootstrap(call))
        case .join:
            let nodes = try context.nodes(named: context.args.decoded(as: Arguments.Nodes.self).nodes)
            return try JSONValue.data(type.join(call, nodes))
        case .leave:
            let args = try context.args.decoded(as: Arguments.Leave.self)
            try type.leave(
                call,
                LeaveRequest(
                    nodes: context.nodes(named: args.nodes), isLost: args.lost ?? false,
                    drainTime: args.drain_deadline.map(Duration.seconds), replacements: context.nodes(named: args.replaced_by ?? [])))
            return nil
        case .health:
            return try JSONValue.data(type.health(call))
        case .credentials:
            let args = try context.args.decoded(as: Arguments.Binding.self)
            let request = CredentialsRequest(binding: args.binding, role: args.role, ttl: args.ttl.map(Duration.seconds))
            return try JSONValue.data(type.credentials(call, request))
        case .revoke:
            try type.revoke(call, binding: context.args.decoded(as: Arguments.Binding.self).binding)
            return nil
        case .configure:
            let args = try context.args.decoded(as: Arguments.Change.self)
            try (type as? any Configurable)?.configure(call, old: args.old, new: args.new)
            return nil
        case .upgrade:
            let args = try context.args.decoded(as: Arguments.Upgrade.self)
            try (type as? any Upgradable)?.upgrade(
                call, UpgradeRequest(phase: args.phase, nodes: context.nodes(named: args.nodes), version: args.to))
            return nil
        case .migrate:
            let args = try context.args.decoded(as: Arguments.Migration.self)
            try (type as? any Migrating)?.migrate(call, from: args.from, to: args.to)
            return nil
        case .destroy:
            try type.destroy(call)
            return nil
        }
    }
}
