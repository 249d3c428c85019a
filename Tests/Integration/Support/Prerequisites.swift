// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What real clusters need of the machine.
enum Prerequisites {
    /// Package layers are shared with the other tests that make nodes.
    static let cache = "/var/tmp/impresario-test-cache"

    /// Why real clusters cannot be made here; nil when they can.
    static let obstacle: String? = {
        guard geteuid() == 0 else { return "skipped: making nodes needs root" }
        for tool in ["runc", "ip", "nft", "losetup", "ps", "curl"] where !Machine.succeeds("command -v \(tool)") {
            return "skipped: this machine has no \(tool); 'impresario doctor' says how to get it"
        }
        let hasEngine = Machine.succeeds("ls \(cache)/layers/*/usr/sbin/dockerd")
        // One of the engine's packages, and a small one, stands for all.
        let fetches =
            "cd $(mktemp -d) && trap 'rm -rf \"$PWD\"' EXIT && (apt-get download stunnel4 || (apt-get update && apt-get download stunnel4))"
        guard hasEngine || Machine.succeeds(fetches) else { return "skipped: the engine's packages cannot be fetched on this machine" }
        return nil
    }()

    static var comment: Comment? { obstacle.map { Comment(rawValue: $0) } }

    /// Why hostile plugins cannot be run here; nil when they can.
    static let hostileObstacle: String? = {
        guard geteuid() == 0 else { return "skipped: a sandbox that is complete needs root" }
        guard Machine.succeeds("command -v cc") else { return "skipped: the hostile plugins are compiled by cc, which is not there" }
        return nil
    }()

    static var hostileComment: Comment? { hostileObstacle.map { Comment(rawValue: $0) } }
}
