// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel
import ImpresarioPlugins
import Logging

extension Broker {
    /// From then on nothing calls the version. Its clusters run on and can be deleted.
    public func quarantinePlugin(_ id: String, _ request: QuarantinePlugin, for caller: Caller) async throws(Problem) -> Plugin {
        try caller.requireAdmin("quarantine plugins")
        guard (1...500).contains(request.reason.utf8.count) else {
            throw Problem(.invalidBody, "The reason is 1 to 500 characters, for whoever asks later.", field: "/reason")
        }
        return try await pluginLocks.alone(with: id) { () throws(Problem) -> Plugin in
            let plugin = try await ledger.transact { snapshot, draft throws(Problem) in
                let entry = try PluginVersions(of: id, in: snapshot).only(
                    request.version, where: { $0.state != .quarantined }, "is out of quarantine")
                return try self.quarantine(entry, reason: request.reason, lines: [], by: caller.name, snapshot, &draft)
            }
            await parts.plugins.quarantine(plugin.pin, reason: plugin.quarantine?.reason ?? request.reason)
            return plugin
        }
    }

    /// The version may be called again and is what it was before. Whoever began the quarantine, it is over.
    public func liftPlugin(_ id: String, _ request: PluginVersion, for caller: Caller) async throws(Problem) -> Plugin {
        try caller.requireAdmin("lift quarantines")
        return try await pluginLocks.alone(with: id) { () throws(Problem) -> Plugin in
            let plugin = try await ledger.transact { snapshot, draft throws(Problem) in
                let versions = try PluginVersions(of: id, in: snapshot)
                let entry = try versions.only(request.version, where: { $0.state == .quarantined }, "is quarantined")
                var plugin = entry.value
                guard let quarantine = plugin.quarantine else { return plugin }
                // Meanwhile another version may have taken its place.
                plugin.state = quarantine.previous == .enabled && versions.enabled != nil ? .disabled : quarantine.previous
                plugin.quarantine = nil
                draft.orderAdmission(after: snapshot)
                try draft.replace(entry, with: plugin, at: Keys.plugin(plugin.pin))
                try draft.record(
                    self.event(
                        "plugin.lifted", by: caller.name, "The quarantine of plugin \(plugin.pin.words) was lifted.", data: plugin.pin.facts
                    ))
                return plugin
            }
            await parts.plugins.lift(plugin.pin)
            return plugin
        }
    }

    /// Records what the runtime has done by itself, until cancelled.
    func followCrashLoops() async {
        for await loop in parts.plugins.crashLoops {
            while !Task.isCancelled {
                do throws(Problem) {
                    try await ledger.transact { snapshot, draft throws(Problem) in
                        guard let entry = snapshot.plugin(loop.pin) else { return }
                        _ = try self.quarantine(entry, reason: loop.reason, lines: loop.lines, by: "broker", snapshot, &draft)
                    }
                    logger.error("plugin quarantined", metadata: ["plugin": "\(loop.pin.words)", "reason": "\(loop.reason)"])
                    break
                } catch {
                    logger.error("quarantine not recorded", metadata: ["plugin": "\(loop.pin.words)", "problem": "\(error)"])
                    try? await parts.time.sleep(for: .seconds(1))
                }
            }
        }
        // A runtime that tells no more is no reason to stop.
        while !Task.isCancelled { try? await parts.time.sleep(for: .seconds(3600)) }
    }

    private func quarantine(
        _ entry: Entry<Plugin>, reason: String, lines: [String], by actor: String, _ snapshot: Snapshot, _ draft: inout Draft
    ) throws(Problem) -> Plugin {
        var plugin = entry.value
        guard plugin.state != .quarantined else { return plugin }
        plugin.quarantine = .init(reason: reason, lines: lines, since: clock(), previous: plugin.state)
        plugin.state = .quarantined
        draft.orderAdmission(after: snapshot)
        try draft.replace(entry, with: plugin, at: Keys.plugin(plugin.pin))
        var data = plugin.pin.members
        data["reason"] = .string(reason)
        data["lines"] = .array(lines.map { .string($0) })
        try draft.record(
            event("plugin.quarantined", by: actor, "Plugin \(plugin.pin.words) was quarantined: \(reason)", data: .object(data)))
        return plugin
    }
}
