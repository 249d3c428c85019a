// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ImpresarioClient
import ImpresarioModel

/// The flags of every command that asks a broker.
struct ConnectionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The context to use instead of the current one.", valueName: "name"))
    var context: String?

    @Option(help: ArgumentHelp("The broker's address.", valueName: "url"))
    var server: String?

    @Option(help: ArgumentHelp("A file that holds the bearer token; - reads standard input.", valueName: "path"))
    var tokenFile: String?

    @Option(help: ArgumentHelp("A PEM file of the certificates to trust.", valueName: "path"))
    var ca: String?

    /// Connects for the length of `body`.
    func connect(tenant: String? = nil, project: String? = nil, _ body: (Session) async throws -> Void) async throws {
        let console = Surroundings.current
        let store = ContextStore(environment: console.environment)
        if let complaint = store.complaint() { console.note(complaint) }
        let wishes = Destination.Wishes(
            context: context, server: server, token: try tokenFile.map(TokenFile.read), ca: ca, tenant: tenant, project: project)
        let destination = try Destination.resolve(
            flags: wishes, environment: console.environment, contexts: try store.load(),
            local: LocalBroker.find(environment: console.environment))
        guard destination.token != nil else {
            throw Problem(
                .unauthenticated, "There is no token for \(destination.server).",
                remedy: "Name a file of it with --token-file, set IMPRESARIO_TOKEN, or keep it in a context. "
                    + "On the broker's machine its admin can read admin.token in the data folder.")
        }
        let configuration = Client.Configuration(
            server: destination.server, token: destination.token, trust: destination.ca.map(Client.Trust.file) ?? .system)
        try await Client.with(configuration) { client in
            try await body(Session(client: client, destination: destination))
        }
    }
}

/// The flags of commands about things in a project.
struct ScopeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The tenant.", valueName: "name"))
    var tenant: String?

    @Option(help: ArgumentHelp("The project.", valueName: "name"))
    var project: String?
}

enum TokenFile {
    static func read(_ path: String) throws(Problem) -> String {
        do {
            let data = try ParameterSource.read(path)
            let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
                throw Problem(.invalidUsage, "\(path) does not hold a token.", field: "--token-file")
            }
            return text
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem(.invalidUsage, "\(path) cannot be read.", field: "--token-file", detail: String(describing: error))
        }
    }
}
