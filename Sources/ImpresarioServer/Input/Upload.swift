// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import ImpresarioModel
import NIOCore

/// The bytes of a request as they come. To be read once.
struct Upload: Sendable {
    let body: Hummingbird.RequestBody

    /// - Throws: what `take` throws, or `invalid-body` when the client stops before the end.
    func forEach(_ take: (Data) throws(Problem) -> Void) async throws(Problem) {
        do {
            for try await buffer in body { try take(Data(buffer.readableBytesView)) }
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem(.invalidBody, "The body ended early.", detail: String(describing: error))
        }
    }
}
