// SPDX-License-Identifier: Apache-2.0

import Subprocess

/// The machine that the tests run on, asked from outside of the driver.
enum Machine {
    static func shell(_ script: String) async -> String {
        let result = try? await Subprocess.run(
            .name("bash"), arguments: ["-c", "export PATH=$PATH:/usr/sbin:/sbin; exec 2>&1; \(script)"], output: .string(limit: 1 << 20))
        return result?.standardOutput ?? ""
    }
}
