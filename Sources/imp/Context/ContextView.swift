// SPDX-License-Identifier: Apache-2.0

/// A context without its token, to be printed.
struct ContextView: Encodable, Hashable, Sendable {
    var name: String
    var isCurrent: Bool
    var server: String
    var hasToken: Bool
    var tenant: String?
    var project: String?
    var ca: String?

    init?(name: String, in file: ContextFile) {
        guard let context = file.contexts[name] else { return nil }
        self.name = name
        isCurrent = file.current == name
        server = context.server
        hasToken = context.token != nil
        tenant = context.tenant
        project = context.project
        ca = context.ca
    }
}
