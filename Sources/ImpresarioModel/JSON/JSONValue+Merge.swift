// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
    /// The document with a merge patch (RFC 7396) laid over it: objects member by member, `null` takes a member away, everything else is replaced.
    public func merging(_ patch: JSONValue) -> JSONValue {
        guard case .object(let news) = patch else { return patch }
        var members = object ?? [:]
        for (name, new) in news {
            if new == .null { members.removeValue(forKey: name) } else { members[name] = (members[name] ?? .null).merging(new) }
        }
        return .object(members)
    }
}
