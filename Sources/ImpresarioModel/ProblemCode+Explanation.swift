// SPDX-License-Identifier: Apache-2.0

extension ProblemCode {
    /// What a person who meets a code wants to know; `docs/errors.md` is made from it.
    public struct Explanation: Hashable, Sendable {
        /// When it is answered.
        public var cause: String
        /// What to do then.
        public var remedy: String

        init(_ cause: String, _ remedy: String) {
            self.cause = cause
            self.remedy = remedy
        }
    }

    public var explanation: Explanation {
        switch self {
        case .invalidBody:
            Explanation(
                "The body is not JSON, lacks a member, has one that is unknown or one of another type.",
                "Mend what `field` points to; docs/rest-api.md lists the members.")
        case .invalidName:
            Explanation(
                "A name is not a DNS label: 1 to 63 of a-z, 0-9 and `-`, beginning and ending with a letter or digit.",
                "Choose another name.")
        case .invalidQuantity:
            Explanation("A resource quantity cannot be read, is negative or too large.", "Write it like `500m`, `2`, `512Mi` or `4Gi`.")
        case .invalidParameters:
            Explanation(
                "Parameters of a cluster or arguments of an operation break the type's schema, or its plugin refuses them.",
                "Mend what `field` points to; `imp type show TYPE` tells what is expected.")
        case .invalidQuery: Explanation("A query parameter is unknown or has a wrong value.", "Mend the parameter that `field` names.")
        case .invalidHeader: Explanation("A header has a wrong value.", "Mend the header that `field` names.")
        case .unsupportedMediaType:
            Explanation("The body is of another media type than the call takes.", "Send `application/json`, or what the message names.")
        case .bodyTooLarge: Explanation("The body, or what would be recorded of it, is longer than the bound.", "Send less at once.")
        case .methodNotAllowed: Explanation("The path is known, but not with this method.", "Use a method of the `Allow` header.")
        case .unauthenticated:
            Explanation("The token is missing, unknown, expired or malformed.", "Ask an admin for a token: `imp token create`.")
        case .denied:
            Explanation("The caller's role does not allow it.", "Ask somebody with the role that the message names, or for that role.")
        case .notFound:
            Explanation("It does not exist, or the caller may not see it; the two are not told apart.", "Check name, tenant and project.")
        case .exists:
            Explanation("Something of this name, or this version with another content, exists.", "Choose another name or version.")
        case .inUse: Explanation("Something else still needs it; the message names what.", "Remove or move what uses it first.")
        case .conflict:
            Explanation("Somebody else changed it at the same time, or another operation works on the cluster.", "Read again and repeat.")
        case .preconditionFailed: Explanation("`If-Match` names an older revision.", "Read it again, decide again, send the new revision.")
        case .idempotencyMismatch:
            Explanation("The idempotency key was used for another request.", "Draw a new key for a new request.")
        case .notReady:
            Explanation("The cluster is not in a phase in which this can be done.", "Wait until it is ready, or retry its operation.")
        case .notSupportedYet: Explanation("This version of the broker, or the type, does not have it.", "Follow the message's advice.")
        case .unknownType:
            Explanation("No plugin brings this cluster type.", "`imp type list` shows what there is; an admin installs plugins.")
        case .unknownFlavor: Explanation("No flavor has this name.", "`imp flavor list` shows what there is.")
        case .cannotChange:
            Explanation(
                "It cannot be changed on a cluster that exists: the type's update schema does not have it, or nodes would have to be of another kind.",
                "Leave it as it is, or make another cluster; `imp type show` lists what can be changed.")
        case .notRemovable:
            Explanation(
                "A group cannot be made as small as asked: its plugin or its quorum needs the nodes.",
                "Keep more nodes, or wait until the cluster is healthy.")
        case .pluginDisabled:
            Explanation("The type's plugin takes no new clusters.", "Choose another type, or ask an admin to enable it.")
        case .quotaExceeded:
            Explanation(
                "The request would pass a limit of the project or tenant; the facts name level, key, limit, used and asked.",
                "Ask for less, delete something, or ask for a higher limit.")
        case .overcommitted:
            Explanation("Limits of the projects together would pass the tenant's.", "Raise the tenant's limit or choose a lower one.")
        case .noCapacity:
            Explanation("No hosts have room for all nodes at once.", "Ask for fewer or smaller nodes, or for more hosts.")
        case .noAddresses:
            Explanation("The project's network has no free address left.", "Delete clusters of the project, or use another one.")
        case .trustViolation:
            Explanation(
                "The zone's tenants may not share a kernel, and another tenant is on it already.", "Ask an admin for a zone of your own.")
        case .leaseTooLong:
            Explanation(
                "The project does not allow a lease of that length.",
                "Ask for a shorter one and extend it before it ends, or ask a tenant-admin.")
        case .noQuorum:
            Explanation(
                "Half or more of the members that vote are lost, or every node is: what is left cannot take new members.",
                "Wait for their hosts to come back; else use the type's own recovery operation, or delete the cluster.")
        case .deadlineExceeded:
            Explanation(
                "A call, step or operation did not end within its time; `owner` tells whose part was slow.",
                "Repeat; then look at the cause.")
        case .cancelled: Explanation("Somebody cancelled it, or another operation took over.", "Repeat it if it is still wanted.")
        case .stepFailed: Explanation("A step of an operation failed; `cause` tells why.", "Mend the cause, then repeat.")
        case .pluginCrashed:
            Explanation(
                "The plugin's process ended during a call; the detail has its last words.",
                "It is tried again; then tell the plugin's author.")
        case .pluginProtocol:
            Explanation(
                "The plugin's process sent what its guest host never sends; it was killed.",
                "Tell the plugin's author; quarantine it if it goes on.")
        case .pluginUnavailable:
            Explanation(
                "The plugin cannot be called now: not loaded, busy, starting too slowly or crashing.",
                "Try later; `imp plugin show` tells more.")
        case .pluginInvalid: Explanation("The library cannot be loaded or its descriptor is wrong.", "Run `imp plugin verify` on the file.")
        case .pluginFailed:
            Explanation(
                "The plugin answered something that its documents do not allow.", "Tell the plugin's author; `field` points at the mistake."
            )
        case .pluginQuarantined:
            Explanation(
                "The plugin's version is not called any more: an admin or a crash loop stopped it.",
                "Move its clusters to another version, or lift the quarantine.")
        case .sandboxMissing:
            Explanation(
                "The policy asks for a sandbox layer that this machine does not give.",
                "Give the machine the layer, or change the setting `sandbox`.")
        case .approvalRequired:
            Explanation("The plugin's plans want packages on nodes that no admin approved.", "Enable it with the packages approved.")
        case .shadowDiffers:
            Explanation(
                "The new version would plan live clusters in another way, or not the same way twice.",
                "Read the differences; accept them or keep the old version.")
        case .moveRefused:
            Explanation(
                "The other version of the plugin cannot take the cluster over: its state format, type or own state forbids it.",
                "Move to a version that can, or stay.")
        case .rollbackRefused:
            Explanation(
                "State was written since the cluster moved; going back would lose it.",
                "Stay on the new version, or mend the cluster by hand.")
        case .infrastructure:
            Explanation(
                "A driver could not do what it was asked; the detail has the reason.", "It is tried again; an admin looks at the host.")
        case .nodeUnreachable: Explanation("A node does not answer or does not run.", "It is tried again; then look at the node's host.")
        case .packageUnavailable:
            Explanation("A package for nodes cannot be fetched or unpacked.", "Check the host's package sources, name and disk space.")
        case .overloaded: Explanation("Too much is waiting to be written.", "Repeat after a while; clients do.")
        case .storeFailed: Explanation("The store cannot be read or written.", "Look at the disk of the broker's data folder.")
        case .shuttingDown: Explanation("The broker is stopping or not ready yet.", "Repeat after a while; clients do.")
        case .internal: Explanation("The broker made a mistake.", "Report it with the request id; the log has the detail.")
        case .unreachable:
            Explanation("The client could not reach the broker.", "Check the address, the network and whether the broker runs.")
        case .invalidAnswer: Explanation("What answered is not a broker, or one of another version.", "Check the address and the versions.")
        case .waitTimedOut: Explanation("The client stopped waiting; the operation goes on.", "`imp operation watch` follows it.")
        case .invalidUsage: Explanation("The command line or a setting is wrong.", "See `--help` of the command.")
        }
    }

    /// The content of `docs/errors.md`.
    public static var document: String {
        var lines = [
            "<!-- SPDX-License-Identifier: Apache-2.0 -->",
            "# Problem codes",
            "",
            "Every problem that the broker or `imp` tells has one of these codes, or one of a plugin's own, which begins with the plugin's name and a point. Codes keep their",
            "name and meaning. `owner` says who can mend it, unless the problem itself names another; `retried` ones can pass without a change. Made from the source: a test compares.",
            "",
            "| code | status | owner | retried | cause | remedy |",
            "|---|---|---|---|---|---|",
        ]
        for code in allCases {
            let (cause, remedy) = (code.explanation.cause, code.explanation.remedy)
            lines.append(
                "| `\(code.rawValue)` | \(code.status) | \(code.owner.rawValue) | \(code.isRetryable ? "yes" : "") | \(cause) | \(remedy) |"
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
