// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel
import ImpresarioPlugins
import Logging

extension GuestPool {
    /// Tells at start what confines plugins on this machine. A broker whose plugins cannot be confined as its admin wants serves all the same: it
    /// loads none, and each call of one says why.
    func tellSandbox(policy: SandboxPolicy, to logger: Logger) async {
        do throws(Problem) {
            let layers = try await sandbox()
            for layer in layers.filter({ !$0.isActive }) {
                logger.notice("sandbox layer not active", metadata: ["layer": "\(layer.name)", "detail": "\(layer.detail)"])
            }
            let missing = policy.missing(in: layers)
            guard missing.isEmpty else {
                logger.error(
                    "no plugin is loaded: sandbox layers are missing",
                    metadata: [
                        "problem": "\(ProblemCode.sandboxMissing.rawValue)",
                        "missing": "\(missing.map { "\($0.name) (\($0.detail))" }.joined(separator: ", "))",
                        "remedy": "give the machine what is missing, or set 'sandbox' to the layers that must be there",
                    ])
                return
            }
            logger.notice("plugins are confined", metadata: ["required": "\(policy.required.joined(separator: ","))"])
        } catch {
            logger.error("the sandbox cannot be examined", metadata: ["problem": "\(error.message)", "detail": "\(error.detail ?? "")"])
        }
    }
}
