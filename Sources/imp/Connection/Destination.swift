// SPDX-License-Identifier: Apache-2.0

import ImpresarioClient
import ImpresarioModel

/// Which broker is asked, as whom, and about which project: a decision over flags, environment, contexts and the machine.
///
/// Flags come before the environment, the environment before the context; a context named by a flag comes before the environment.
/// A token goes only to the server that it was kept for: `--server` alone never sends a context's token elsewhere.
struct Destination: Hashable, Sendable {
    struct Wishes: Hashable, Sendable {
        var context: String?
        var server: String?
        var token: String?
        var ca: String?
        var tenant: String?
        var project: String?
    }

    var server: ServerAddress
    var token: String?
    var ca: String?
    var tenant: String?
    var project: String?
    /// What files of this broker are kept under: the context's name, or `local`, or the server's host and port.
    var label: String

    static func resolve(
        flags: Wishes, environment: [String: String], contexts: ContextFile, local: LocalBroker?
    ) throws(Problem) -> Destination {
        func variable(_ name: String) -> String? { environment["IMPRESARIO_" + name].flatMap { $0.isEmpty ? nil : $0 } }
        let name = flags.context ?? variable("CONTEXT") ?? contexts.current
        let context = try name.map { name throws(Problem) in try contexts.context(named: name) }
        func choose(_ flag: String?, _ variable: String?, _ kept: String?) -> String? {
            flags.context == nil ? flag ?? variable ?? kept : flag ?? kept ?? variable
        }

        guard let text = choose(flags.server, variable("SERVER"), context?.server) ?? local?.server else {
            throw Problem(
                .invalidUsage, "No broker is known.",
                remedy:
                    "Start one here with impresario serve, or name one: imp context add NAME --server URL, --server URL, or IMPRESARIO_SERVER."
            )
        }
        let server = try ServerAddress(text)
        func isFor(_ other: String?) -> Bool { other.flatMap { try? ServerAddress($0) } == server }
        let ofContext = isFor(context?.server) ? context : nil
        let ofMachine = isFor(local?.server) ? local : nil
        return Destination(
            server: server,
            token: choose(flags.token, variable("TOKEN"), ofContext?.token) ?? ofMachine?.token,
            ca: choose(flags.ca, variable("CA"), ofContext?.ca),
            tenant: choose(flags.tenant, variable("TENANT"), context?.tenant),
            project: choose(flags.project, variable("PROJECT"), context?.project),
            label: ofContext != nil ? name ?? "default" : ofMachine != nil ? "local" : label(of: server))
    }

    private static func label(of server: ServerAddress) -> String {
        let address = server.description.split(separator: "/").last.map(String.init) ?? "server"
        return String(address.map { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" ? $0 : "-" })
    }
}
