// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import ImpresarioBroker
import ImpresarioModel
import ImpresarioPlugins
import Logging
import Yams

/// What a broker is told at start. Each setting comes from its flag, else from `IMPRESARIO_<NAME>`, else from the file, else it has its default.
struct Settings: Equatable {
    enum LogFormat: String, CaseIterable { case text, json }

    var data = "/var/lib/impresario"
    var cache = "/var/cache/impresario"
    var listen = "127.0.0.1:7070"
    var tlsCertificate: String?
    var tlsKey: String?
    /// Folder of plugin libraries.
    var plugins: String?
    /// The guest host's executable.
    var guest: String?
    /// What must confine a plugin, or none is loaded.
    var sandbox = SandboxPolicy.automatic(isRoot: geteuid() == 0)
    /// Bytes that one process of a plugin may have.
    var guestMemory = GuestOptions().memoryLimit
    /// From the start of a plugin's process until it is ready.
    var guestStart = GuestOptions().startTimeout
    /// A plugin's process without a call for so long is ended.
    var guestIdle = GuestOptions().idleTimeout
    /// How often clusters are asked for their health.
    var healthInterval = BrokerOptions().healthInterval
    /// Where exposed ports of nodes appear.
    var publishAddress = "127.0.0.1"
    /// As which hosts this machine stands, each an equal share of it.
    var hosts = ["local"]
    /// In hundredths: 400 promises four times the cores there are.
    var cpuOvercommit = 400
    var logLevel = Logger.Level.info
    var logFormat = LogFormat.text

    /// The names as in flags and in the file; in the environment in capitals and with underscores.
    static let names = [
        "data", "cache", "listen", "tls-certificate", "tls-key", "plugins", "guest", "sandbox", "guest-memory", "guest-start", "guest-idle",
        "health-interval", "publish-address", "hosts", "cpu-overcommit", "log-level", "log-format",
    ]

    /// - Parameters:
    ///   - flags: those that were given.
    ///   - file: path of a YAML file; one that was named must be there.
    /// - Throws: ``Problem`` `invalid-usage` that names the source and the setting.
    init(flags: [String: String], environment: [String: String], file: String?) throws(Problem) {
        if let file {
            for (name, value) in try Self.read(file) { try set(name, to: value, from: file) }
        }
        for name in Self.names {
            let variable = "IMPRESARIO_" + name.uppercased().replacing("-", with: "_")
            if let value = environment[variable] { try set(name, to: value, from: variable) }
        }
        for (name, value) in flags { try set(name, to: value, from: "--\(name)") }
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw Problem(.invalidUsage, "A TLS certificate and its key belong together; only one is set.", field: "tls-certificate")
        }
    }

    private static func read(_ path: String) throws(Problem) -> [String: String] {
        let text: String
        do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw Problem(.invalidUsage, "The configuration file \(path) cannot be read.", detail: String(describing: error))
        }
        let node: Yams.Node?
        do { node = try Yams.compose(yaml: text) } catch {
            throw Problem(.invalidUsage, "\(path) is not YAML: \(error)")
        }
        guard let node else { return [:] }
        guard let mapping = node.mapping else { throw Problem(.invalidUsage, "\(path) is not a mapping of settings.") }
        var result: [String: String] = [:]
        for (key, value) in mapping {
            guard let name = key.scalar?.string, names.contains(name) else {
                throw Problem(
                    .invalidUsage, "\(path) has a setting '\(key.scalar?.string ?? "?")' that there is not.",
                    remedy: "There are: \(names.joined(separator: ", ")).")
            }
            guard let text = value.scalar?.string else { throw Problem(.invalidUsage, "\(path): '\(name)' is not a plain value.") }
            result[name] = text
        }
        return result
    }

    private mutating func set(_ name: String, to value: String, from source: String) throws(Problem) {
        func refuse(_ expected: String) -> Problem {
            Problem(.invalidUsage, "\(source): '\(value)' is not a value of '\(name)'.", field: name, remedy: "It is \(expected).")
        }
        guard !value.isEmpty else { throw refuse("not empty") }
        switch name {
        case "data": data = try Self.absolute(value)
        case "cache": cache = try Self.absolute(value)
        case "listen": listen = value
        case "tls-certificate": tlsCertificate = try Self.absolute(value)
        case "tls-key": tlsKey = try Self.absolute(value)
        case "plugins": plugins = try Self.absolute(value)
        case "guest": guest = try Self.absolute(value)
        case "sandbox":
            guard let policy = try? SandboxPolicy(value, isRoot: geteuid() == 0) else { throw refuse(SandboxPolicy.rule) }
            sandbox = policy
        case "guest-memory":
            guard let bytes = try? Quantity.parse(value, of: ResourceVector.memory), bytes >= 16 << 20 else {
                throw refuse("a size of at least 16Mi, such as 512Mi or 1Gi")
            }
            guestMemory = bytes
        case "guest-start":
            guard let time = try? DurationText.parse(value), time >= .milliseconds(100) else {
                throw refuse("a duration of at least 100ms, such as 15s")
            }
            guestStart = time
        case "guest-idle":
            guard let time = try? DurationText.parse(value) else { throw refuse("a duration, such as 60s") }
            guestIdle = time
        case "health-interval":
            guard let time = try? DurationText.parse(value), time >= .milliseconds(100) else {
                throw refuse("a duration of at least 100ms, such as 10s")
            }
            healthInterval = time
        case "publish-address": publishAddress = value
        case "hosts":
            let names = value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard names.allSatisfy(Name.isValid), Set(names).count == names.count else {
                throw refuse("names of hosts, each once, separated by commas")
            }
            hosts = names
        case "cpu-overcommit":
            guard let percent = Int(value), (1...10_000).contains(percent) else { throw refuse("1 to 10000, in hundredths of the cores") }
            cpuOvercommit = percent
        case "log-level":
            guard let level = Logger.Level(rawValue: value) else {
                throw refuse("one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            logLevel = level
        case "log-format":
            guard let format = LogFormat(rawValue: value) else { throw refuse("text or json") }
            logFormat = format
        default: throw Problem(.invalidUsage, "There is no setting '\(name)'.")
        }
    }

    private static func absolute(_ path: String) throws(Problem) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
}
