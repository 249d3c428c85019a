// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ImpresarioBroker
import ImpresarioInfrastructure
import ImpresarioModel
import ImpresarioPlugins
import ImpresarioServer
import ImpresarioStore
import Logging
import ServiceLifecycle
import UnixSignals

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the broker until it is told to stop (SIGTERM, SIGINT).",
        discussion: """
            Each setting comes from its flag, else from the environment (IMPRESARIO_DATA, IMPRESARIO_TLS_KEY and so on), else from the file \
            named by --config, else it has its default. Operations that are under way when it stops go on when it starts again.
            """)

    @Option(help: "A YAML file of settings, named as the flags are.") var config: String?
    @Option(help: "The broker's folder; made when absent. (default: /var/lib/impresario)") var data: String?
    @Option(help: "Unpacked packages; may be shared by brokers and removed when none runs. (default: /var/cache/impresario)")
    var cache: String?
    @Option(help: "host:port; port 0 lets the system choose. Other addresses than loopback need TLS. (default: 127.0.0.1:7070)")
    var listen: String?
    @Option(help: "PEM file: the server's certificate and those up to its authority.") var tlsCertificate: String?
    @Option(help: "PEM file: the certificate's key.") var tlsKey: String?
    @Option(help: "Folder of plugin libraries (*.so). (default: ../lib/impresario/plugins, or where this program is)")
    var plugins: String?
    @Option(help: "The guest host. (default: ../libexec/impresario-guest, or beside this program)") var guest: String?
    @Option(
        help: """
            The layers of the sandbox without which no plugin is loaded: auto, strict, none, or names separated by commas. \
            (default: auto: all as root, else all that need no root)
            """)
    var sandbox: String?
    @Option(help: "The memory that one process of a plugin may have. (default: 512Mi)") var guestMemory: String?
    @Option(help: "The time that a plugin's process may take until it is ready. (default: 15s)") var guestStart: String?
    @Option(help: "A plugin's process that has no call for so long is ended. (default: 60s)") var guestIdle: String?
    @Option(help: "How often nodes and clusters are looked after. (default: 10s)") var healthInterval: String?
    @Option(help: "The address at which clusters' endpoints appear. (default: 127.0.0.1)") var publishAddress: String?
    @Option(help: "As which hosts this machine stands, each with an equal share of it, such as east,west. (default: local)")
    var hosts: String?
    @Option(help: "What a new host may promise of its cores, in hundredths. (default: 400)") var cpuOvercommit: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical. (default: info)") var logLevel: String?
    @Option(help: "text or json. (default: text)") var logFormat: String?

    func run() async throws {
        do {
            try await serve()
        } catch let problem as Problem {
            let lines = ["error: \(problem.message)", problem.detail, problem.remedy].compactMap(\.self)
            FileHandle.standardError.write(Data((lines.joined(separator: "\n") + "\n").utf8))
            throw ExitCode(problem.is(.invalidUsage) ? 2 : 1)
        }
    }

    private func serve() async throws {
        let settings = try Settings(flags: flags, environment: ProcessInfo.processInfo.environment, file: config)
        let logger = JSONLines.logger(format: settings.logFormat, level: settings.logLevel)
        let endpoint = try ServerConfiguration(
            listen: settings.listen,
            tls: settings.tlsCertificate.flatMap { certificate in
                settings.tlsKey.map { ServerConfiguration.TLS(certificates: certificate, key: $0) }
            },
            version: Release.version)
        let installation = try Installation(settings: settings)
        let folder = try DataFolder(path: settings.data)
        let store = try SQLiteStore(path: folder.storePath, logger: logger)
        let driver = try localDriver(settings, folder, logger)
        var bounds = GuestOptions()
        bounds.requiredLayers = settings.sandbox.required
        bounds.memoryLimit = settings.guestMemory
        bounds.startTimeout = settings.guestStart
        bounds.idleTimeout = settings.guestIdle
        let pool = GuestPool(executable: installation.guest, installation: folder.installation, logger: logger, options: bounds)
        await pool.tellSandbox(policy: settings.sandbox, to: logger)
        var parts = Broker.Parts(
            store: store, plugins: pool, drivers: try LocalShare.divide(driver, among: settings.hosts), secrets: folder.secrets,
            logger: logger,
            library: PluginLibrary(folder: folder.path(of: "plugins")))
        parts.options.healthInterval = settings.healthInterval
        if let point = ProcessInfo.processInfo.environment["IMPRESARIO_CRASH_AT"] {
            parts.faults = { if $0 == point { kill(getpid(), SIGKILL) } }
        }
        let broker = try await Broker(parts)
        try await broker.registerHosts(zone: "local", overcommit: [ResourceVector.cpu: settings.cpuOvercommit])
        let unusable = try await broker.load(libraries: installation.libraries())
        for (path, problem) in unusable {
            logger.warning(
                "plugin not loaded",
                metadata: [
                    "file": "\(path)", "code": "\(problem.code)", "problem": "\(problem.message)", "detail": "\(problem.detail ?? "")",
                ])
        }
        try await AdminToken(path: folder.path(of: "admin.token")).provide(by: broker)

        let address = AddressFile(path: folder.path(of: "server.address"))
        let server = Server(broker: broker, configuration: endpoint, logger: logger) { url in
            address.write(url)
            logger.notice(
                "serving", metadata: ["address": "\(url)", "installation": "\(folder.installation)", "version": "\(Release.version)"])
        }
        defer { address.remove() }
        var group = ServiceGroupConfiguration(
            services: [.init(service: broker), .init(service: server)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(20)
        let ended: Result<Void, any Error>
        do { ended = .success(try await ServiceGroup(configuration: group).run()) } catch { ended = .failure(error) }
        await pool.shutdown()
        await store.close()
        // The lock on the folder is the object's.
        withExtendedLifetime(folder) {}
        try ended.get()
    }

    private func localDriver(_ settings: Settings, _ folder: DataFolder, _ logger: Logger) throws -> LocalDriver {
        var options = LocalDriver.Options()
        options.publishAddress = settings.publishAddress
        return try LocalDriver(
            installation: folder.installation, directory: URL(fileURLWithPath: folder.path(of: "local")),
            cacheDirectory: URL(fileURLWithPath: settings.cache), logger: logger, options: options)
    }

    private var flags: [String: String] {
        let given: [(String, String?)] = [
            ("data", data), ("cache", cache), ("listen", listen), ("tls-certificate", tlsCertificate), ("tls-key", tlsKey),
            ("plugins", plugins), ("guest", guest), ("sandbox", sandbox), ("guest-memory", guestMemory), ("guest-start", guestStart),
            ("guest-idle", guestIdle), ("health-interval", healthInterval), ("publish-address", publishAddress),
            ("hosts", hosts), ("cpu-overcommit", cpuOvercommit),
            ("log-level", logLevel), ("log-format", logFormat),
        ]
        return Dictionary(given.compactMap { name, value in value.map { (name, $0) } }, uniquingKeysWith: { $1 })
    }
}
