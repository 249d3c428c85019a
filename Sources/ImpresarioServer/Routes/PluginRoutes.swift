// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import ImpresarioBroker
import ImpresarioModel

enum PluginRoutes {
    static let all = library + offer + versions

    private static let list = "/v1/plugins"
    private static let one = list + "/{plugin}"

    private static let library: [Route] = [
        Route(.get, list, "List plugins", query: Query.paging) { call throws(Problem) in
            .page(try call.broker.plugins(for: call.caller, page: try call.query.page()))
        },
        Route(.post, list, "Install a library", body: .stream) { call throws(Problem) in
            let (plugin, isNew) = try await call.broker.installPlugin(for: call.caller) { write throws(Problem) in
                try await call.upload.forEach(write)
            }
            return try isNew ? .created(plugin, at: "/v1/plugins/\(plugin.pin.id)") : .value(plugin)
        },
        Route(.get, one, "Show a plugin's versions and what is pinned to them") { call throws(Problem) in
            try .value(try call.broker.plugin(call["plugin"], for: call.caller))
        },
        Route(.post, one + "/uninstall", "Remove a version that nothing uses", body: .optional, request: PluginVersion.self) {
            call throws(Problem) in
            try .value(try await call.broker.uninstallPlugin(call["plugin"], try call.readOptional() ?? .init(), for: call.caller))
        },
    ]

    private static let offer: [Route] = [
        Route(.post, one + "/enable", "Offer a version to new clusters", body: .optional, request: EnablePlugin.self) {
            call throws(Problem) in
            try .value(try await call.broker.enablePlugin(call["plugin"], try call.readOptional() ?? .init(), for: call.caller))
        },
        Route(.post, one + "/disable", "Keep new clusters out", body: .optional, request: PluginVersion.self) { call throws(Problem) in
            try .value(try await call.broker.disablePlugin(call["plugin"], try call.readOptional() ?? .init(), for: call.caller))
        },
        Route(.post, one + "/quarantine", "Let nothing call a version", request: QuarantinePlugin.self) { call throws(Problem) in
            try .value(try await call.broker.quarantinePlugin(call["plugin"], try call.read(), for: call.caller))
        },
        Route(.post, one + "/lift", "End a quarantine", body: .optional, request: PluginVersion.self) { call throws(Problem) in
            try .value(try await call.broker.liftPlugin(call["plugin"], try call.readOptional() ?? .init(), for: call.caller))
        },
    ]

    private static let versions: [Route] = [
        Route(
            .post, one + "/upgrade", "Offer another version, if it plans as the clusters were planned", body: .optional,
            request: UpgradePlugin.self
        ) { call throws(Problem) in
            try .value(try await call.broker.upgradePlugin(call["plugin"], try call.readOptional() ?? .init(), for: call.caller))
        },
        Route(.post, one + "/move", "Hand clusters to another version", request: MovePins.self) { call throws(Problem) in
            try .value(
                try await call.broker.movePins(ofPlugin: call["plugin"], try call.read(), for: call.caller), status: .accepted)
        },
        Route(.post, one + "/rollback", "Take clusters back to the version before", request: MovePins.self) { call throws(Problem) in
            try .value(
                try await call.broker.rollBackPins(ofPlugin: call["plugin"], try call.read(), for: call.caller), status: .accepted)
        },
    ]
}
