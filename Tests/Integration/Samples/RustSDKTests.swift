// SPDX-License-Identifier: Apache-2.0

import Testing

/// The Rust SDK's own tests, run by cargo without a network.
@Suite(.needs("cargo"), .timeLimit(.minutes(10)))
struct RustSDKTests {
    @Test("Layout, JSON, verbs, typed operations and the barrier hold, and there is nothing to complain about")
    func own() async throws {
        let folder = try await Sample.copy("Sources/SDK/rust")
        let tested = try await Machine.shell(
            """
            cd \(folder) && cargo test --offline --quiet || exit 1
            ! cargo clippy --version || cargo clippy --offline --quiet --all-targets -- -D warnings
            """)
        #expect(tested.succeeded && tested.text.contains(/test result: ok\. [1-9]/), "\(tested.text)")
    }
}
