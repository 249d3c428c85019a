// SPDX-License-Identifier: Apache-2.0

/// The body of a request. The server refuses members that are not listed, so that a misspelt limit is an error and not no limit.
public protocol RequestBody: Codable, Sendable {
    static var members: Set<String> { get }
}
