// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImpresarioClient
import ImpresarioModel

/// The flags of `env` and `credentials`, and how a folder of credentials is had.
struct CredentialOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where the files go; a folder of this cluster's own, if absent.", valueName: "path"))
    var dir: String?

    @Option(help: ArgumentHelp("What the credentials allow; the type's default, if absent.", valueName: "role"))
    var role: String?

    @Option(help: ArgumentHelp("How long they are good, such as 12h; the type's default, if absent.", valueName: "duration"))
    var ttl: TimeToLive?

    @Flag(help: "Get new ones even if those in the folder are still good.")
    var renew = false

    /// Takes what is in the folder if it is still good for this cluster and role, else has credentials issued and written there.
    func obtain(_ name: String, _ session: Session) async throws -> (folder: CredentialFolder, note: CredentialFolder.Note) {
        let scope = try await session.scope()
        let cluster = try await session.client.cluster(name, in: scope)
        let folder =
            dir.map(CredentialFolder.init(path:))
            ?? CredentialFolder(
                label: session.destination.label, scope: scope, cluster: name, environment: Surroundings.current.environment)
        if !renew, ttl == nil, let note = folder.note() {
            let bindings = try await session.client.bindings(ofCluster: name, in: scope).all()
            if note.serves(cluster.id, role: role, bindings: bindings, now: Surroundings.current.now()) { return (folder, note) }
        }
        let credentials = try await session.client.issueCredentials(
            CredentialsRequest(role: role, ttl: ttl), toCluster: name, in: scope)
        return (folder, try folder.write(credentials, cluster: cluster.id, role: role))
    }
}
