// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioClient
import ImpresarioModel
import Subprocess

/// `impresario serve` as it was built beside this program, with a data folder of its own.
struct RealBroker: Sendable {
    let client: Client
    /// `http://127.0.0.1:…`
    let url: String
    let token: String
    /// The broker's data folder.
    let data: String

    private static let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    private static let program = folder + "/impresario"

    /// Why none can be run, or nil.
    @Sendable static func obstacle() -> String? {
        if geteuid() != 0 { return "a broker's nodes are containers of this machine; run it as root" }
        return access(program, X_OK) == 0 ? nil : "\(program) is not there; build everything first ('swift build')"
    }

    /// Runs one for the length of `body`. Its words go to a log beside its data; the last of them are in what is thrown when it does not start.
    static func with<Result: Sendable>(in folder: String, _ body: @Sendable (RealBroker) async throws -> Result) async throws -> Result {
        let data = folder + "/broker"
        let log = folder + "/broker.log"
        // A group of its own: a Ctrl-C on the terminal is for the benchmark, which then takes clusters away while the broker still runs.
        var options = PlatformOptions()
        options.processGroupID = 0
        return try await Subprocess.run(
            .name("sh"),
            arguments: [
                "-c", "log=$0; exec \"$@\" >\"$log\" 2>&1", log, program, "serve", "--listen", "127.0.0.1:0", "--data", data, "--log-level",
                "notice",
            ], platformOptions: options, input: .none, output: .discarded, error: .discarded
        ) { execution -> Swift.Result<Result, any Error> in
            defer { try? execution.send(signal: .terminate) }
            do {
                let url = try await address(in: data, log: log)
                let token = try String(contentsOfFile: data + "/admin.token", encoding: .utf8).trimmingCharacters(
                    in: .whitespacesAndNewlines)
                return .success(
                    try await Client.with(.init(server: try ServerAddress(url), token: token)) { client in
                        try await body(RealBroker(client: client, url: url, token: token, data: data))
                    })
            } catch {
                return .failure(error)
            }
        }.closureResult.get()
    }

    private static func address(in data: String, log: String) async throws -> String {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if let text = try? String(contentsOfFile: data + "/server.address", encoding: .utf8) {
                return text.trimmingCharacters(in: .whitespacesAndNewlines)
            }
            try Interruption.check()
            try await Task.sleep(for: .milliseconds(20))
        }
        let said = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        throw Problem(.internal, "The broker did not start: \(said.suffix(1000))")
    }
}
