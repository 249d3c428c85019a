// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

/// The words that say which version of which plugin is meant.
struct PluginVersionOptions: ParsableArguments {
    @Argument(help: "Its id, as in imp plugin list.")
    var plugin: String

    @Option(help: ArgumentHelp("Its version, or the first digits of its hash; needed where several could be meant.", valueName: "version"))
    var version: String?
}

/// What an admin lets a plugin's plans put on nodes.
struct ApprovalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The Debian packages that it may put on nodes, separated by commas.", valueName: "packages"))
    var approve: String?

    @Flag(help: "It may put all packages that it names on nodes: see imp plugin show.")
    var approveAll = false

    func validate() throws {
        guard approve == nil || !approveAll else { throw ValidationError("--approve and --approve-all exclude each other.") }
    }

    /// - Parameter version: whose packages all are; nil is the newest.
    func packages(of plugin: String, version: String?, _ client: Client) async throws(Problem) -> [String]? {
        if approveAll { return try await client.plugin(plugin).version(version).manifest.packages }
        return approve.map { $0.split(separator: ",").map { String($0.filter { $0 != " " }) } }
    }

    /// Adds to a refusal for want of approval what the packages are and what to type.
    ///
    /// - Parameter command: such as `enable`.
    static func explaining<Value>(
        _ command: String, _ plugin: String, version: String?, flag: String, _ client: Client, _ body: () async throws(Problem) -> Value
    ) async throws(Problem) -> Value {
        do {
            return try await asking(body)
        } catch {
            guard error.is(.approvalRequired), let wanted = try? await client.plugin(plugin).version(version) else { throw error }
            let names = wanted.manifest.packages
            var problem = error
            problem.field = "--approve"
            problem.message =
                "\(plugin) \(wanted.pin.version) puts packages on nodes that were not approved: "
                + names.joined(separator: ", ") + "."
            problem.remedy =
                "If nodes may have them: imp plugin \(command) \(plugin)\(version.map { " \(flag) \($0)" } ?? "")"
                + " --approve \(names.joined(separator: ","))"
            throw problem
        }
    }
}

/// Asks something of the broker; what it says of a member of the request is told of the flag that it came from.
func asking<Value>(_ body: () async throws(Problem) -> Value) async throws(Problem) -> Value {
    do {
        return try await body()
    } catch {
        guard let member = error.field?.split(separator: "/").first, error.field?.hasPrefix("/") == true else { throw error }
        var problem = error
        problem.field = "--\(member)"
        throw problem
    }
}

extension PluginDetail {
    /// The version that a text means: semantic, or the first digits of the hash; nil is the newest.
    func version(_ text: String?) throws(Problem) -> Plugin {
        guard let text else {
            guard let newest = versions.first else { throw Problem(.notFound, "There is no plugin '\(id)'.") }
            return newest
        }
        let found = versions.filter { $0.pin.version == text || (text.count >= 4 && $0.pin.sha256.hasPrefix(text)) }
        guard let only = found.first, found.count == 1 else {
            throw Problem(
                .notFound, found.isEmpty ? "\(id) has no version '\(text)'." : "\(found.count) versions of \(id) are '\(text)'.",
                field: "version",
                remedy: "There are: " + versions.map { "\($0.pin.version) (\($0.pin.short))" }.joined(separator: ", ") + ".")
        }
        return only
    }
}

extension PluginPin {
    /// The digits of the hash that people read and type.
    var short: String { String(sha256.prefix(12)) }
}
