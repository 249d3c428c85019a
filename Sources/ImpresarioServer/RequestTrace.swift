// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import ImpresarioModel
import Logging

/// What the one log line of a request tells. No token, no query, no body.
struct RequestTrace {
    /// The client's own `X-Request-Id` where it is a plain word, else one of ours; answered in the same header.
    let id: String
    let method: String
    let path: String
    var route: String?
    var caller: String?
    var problem: Problem?

    init(_ request: Request) {
        method = request.method.rawValue
        path = String(request.uri.path.prefix(300))
        let given = request.headers[.requestID].flatMap { Self.isPlain($0) ? $0 : nil }
        id = given ?? String(UInt64.random(in: .min ... .max), radix: 16)
    }

    private static func isPlain(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || [0x2d, 0x2e, 0x5f].contains($0)
            }
    }

    func log(to logger: Logger, status: Int, took: Duration) {
        var metadata: Logger.Metadata = [
            "id": "\(id)", "method": "\(method)", "path": "\(path)", "status": "\(status)",
            "ms": "\(took.components.seconds * 1000 + took.components.attoseconds / 1_000_000_000_000_000)",
        ]
        if let route { metadata["route"] = "\(route)" }
        if let caller { metadata["caller"] = "\(caller)" }
        if let problem {
            metadata["code"] = "\(problem.code)"
            if let detail = problem.detail { metadata["detail"] = "\(detail)" }
        }
        // Probes come every few seconds and tell nothing while all is well.
        let isProbe = route.map { !$0.hasPrefix("/v1") } ?? false
        logger.log(level: status >= 500 && status != 501 ? .error : isProbe ? .debug : .info, "request", metadata: metadata)
    }
}
