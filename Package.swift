// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// One strictness for every Swift target of the project.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
    .enableUpcomingFeature("ExistentialAny"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
    .enableUpcomingFeature("MemberImportVisibility"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
    .enableUpcomingFeature("InternalImportsByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0461-async-function-isolation.md
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// The C targets are held to the same standard as the Swift ones.
let strictC: [CSetting] = [
    .define("_GNU_SOURCE"),
    .enableWarning("all"),
    .enableWarning("extra"),
    .treatAllWarnings(as: .error),
]

/// A plugin shows one symbol, and none of its own may be missing.
func exportsOnlyTheEntry(_ map: String) -> [LinkerSetting] {
    [
        .unsafeFlags([
            "-Xlinker", "-z", "-Xlinker", "defs", "-Xlinker", "--version-script=\(Context.packageDirectory)/\(map)",
        ])
    ]
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let certificates = Target.Dependency.product(name: "X509", package: "swift-certificates")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hashTree = Target.Dependency.product(name: "HashTreeCollections", package: "swift-collections")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "impresario",
    products: [
        .executable(name: "impresario", targets: ["impresario"]),
        .executable(name: "imp", targets: ["imp"]),
        .executable(name: "impresario-guest", targets: ["impresario-guest"]),
        .library(name: "ImpresarioPluginKit", targets: ["ImpresarioPluginKit"]),
        .library(name: "ImpresarioClient", targets: ["ImpresarioClient"]),
        .library(name: "swarm", type: .dynamic, targets: ["SwarmPlugin"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.5.1"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // The plugin ABI: one header, nothing else.
        .target(name: "CImpresario", publicHeadersPath: "include"),
        .systemLibrary(name: "CLibffi", pkgConfig: "libffi", providers: [.apt(["libffi-dev"])]),
        // Linux calls that Swift cannot make itself: variadic ones and macros.
        .target(name: "CLinux", publicHeadersPath: "include", cSettings: strictC),
        .executableTarget(
            name: "impresario-guest", dependencies: ["CImpresario", "CLibffi", "CLinux"], path: "Sources/GuestHost", cSettings: strictC),

        .target(name: "ImpresarioModel", swiftSettings: strict),
        .target(name: "ImpresarioScheduling", dependencies: ["ImpresarioModel"], swiftSettings: strict),
        .target(name: "ImpresarioStore", dependencies: ["ImpresarioModel", grdb, crypto, hashTree, logging], swiftSettings: strict),
        .target(
            name: "ImpresarioInfrastructure", dependencies: ["ImpresarioModel", "CLinux", logging, subprocess],
            swiftSettings: strict),
        .target(
            name: "ImpresarioPlugins",
            dependencies: ["ImpresarioModel", "ImpresarioInfrastructure", "CLinux", crypto, logging], swiftSettings: strict),
        .target(
            name: "ImpresarioBroker",
            dependencies: [
                "ImpresarioModel", "ImpresarioScheduling", "ImpresarioStore", "ImpresarioInfrastructure", "ImpresarioPlugins",
                asn1, certificates, crypto, hashTree, lifecycle, logging,
            ], swiftSettings: strict),
        .target(
            name: "ImpresarioServer",
            dependencies: [
                "ImpresarioModel", "ImpresarioBroker", httpTypes, hummingbird, hummingbirdCore, hummingbirdTLS, lifecycle, logging, nioCore,
                nioSSL,
            ],
            swiftSettings: strict),
        .target(
            name: "ImpresarioClient", dependencies: ["ImpresarioModel", asyncHTTPClient, nioCore, nioHTTP1, nioPosix, nioSSL],
            swiftSettings: strict),
        .target(name: "ImpresarioPluginKit", dependencies: ["CImpresario"], swiftSettings: strict),
        // What checks a plugin and runs one without a broker.
        .target(
            name: "ImpresarioPluginTools",
            dependencies: [
                "ImpresarioModel", "ImpresarioStore", "ImpresarioInfrastructure", "ImpresarioPlugins", "ImpresarioBroker", logging,
            ], swiftSettings: strict),
        .target(
            name: "SwarmPlugin", dependencies: ["CImpresario", "ImpresarioPluginKit"], path: "Plugins/Swarm", exclude: ["exports.map"],
            swiftSettings: strict, linkerSettings: exportsOnlyTheEntry("Plugins/Swarm/exports.map")),
        .executableTarget(
            name: "impresario",
            dependencies: [
                "ImpresarioModel", "ImpresarioBroker", "ImpresarioInfrastructure", "ImpresarioPlugins", "ImpresarioServer",
                "ImpresarioStore", argumentParser, lifecycle, logging, unixSignals, yams,
            ], swiftSettings: strict),
        .executableTarget(
            name: "imp",
            dependencies: [
                "ImpresarioModel", "ImpresarioClient", "ImpresarioPluginTools", "ImpresarioPlugins", argumentParser, logging, yams,
            ], swiftSettings: strict),

        .testTarget(
            name: "ImpresarioStoreTests", dependencies: ["ImpresarioModel", "ImpresarioStore", grdb, logging], swiftSettings: strict),

        .testTarget(name: "ImpresarioModelTests", dependencies: ["ImpresarioModel"], swiftSettings: strict),
        .testTarget(
            name: "ImpresarioSchedulingTests", dependencies: ["ImpresarioModel", "ImpresarioScheduling"], swiftSettings: strict),
        .testTarget(
            name: "ImpresarioBrokerTests",
            dependencies: [
                "ImpresarioModel", "ImpresarioBroker", "ImpresarioInfrastructure", "ImpresarioPlugins", "ImpresarioStore", logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ImpresarioInfrastructureTests", dependencies: ["ImpresarioInfrastructure", "ImpresarioModel", logging, subprocess],
            swiftSettings: strict),
        // A host table for tests of plugins, without a broker.
        .target(name: "PluginTestSupport", dependencies: ["CImpresario"], path: "Tests/PluginTestSupport", swiftSettings: strict),
        .testTarget(
            name: "ImpresarioPluginKitTests", dependencies: ["CImpresario", "ImpresarioPluginKit", "PluginTestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "SwarmPluginTests",
            dependencies: [
                "ImpresarioBroker", "ImpresarioInfrastructure", "ImpresarioModel", "ImpresarioPluginKit", "ImpresarioPlugins",
                "ImpresarioStore", "PluginTestSupport", "SwarmPlugin", logging, subprocess,
            ], swiftSettings: strict),
        // A world without a machine: virtual time, an order drawn by a seed, brokers that die, and what must hold all the same.
        .target(
            name: "SimulationKit",
            dependencies: [
                "ImpresarioModel", "ImpresarioBroker", "ImpresarioInfrastructure", "ImpresarioPlugins", "ImpresarioStore", logging,
            ], path: "Tests/SimulationKit", swiftSettings: strict),
        .executableTarget(name: "Simulation", dependencies: ["SimulationKit"], path: "Tests/Simulation", swiftSettings: strict),
        .testTarget(name: "SimulationTests", dependencies: ["SimulationKit", subprocess], swiftSettings: strict),
        // One line a figure; a file per subject.
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "GuestTesting", "ImpresarioClient", "ImpresarioModel", "ImpresarioPlugins", "ImpresarioStore", asyncHTTPClient, logging,
                nioCore, nioHTTP1, subprocess,
            ], path: "Tests/Benchmarks", exclude: ["by-hand.sh"], swiftSettings: strict),

        // Shared by the tests of the guest host and of its pool. The C files are built by the tests themselves.
        .target(
            name: "GuestTesting", dependencies: ["CLinux", "ImpresarioModel", "ImpresarioInfrastructure", "ImpresarioPlugins", logging],
            path: "Tests/GuestTesting", exclude: ["Frames", "Plugins"], swiftSettings: strict),
        .testTarget(
            name: "ImpresarioPluginsTests",
            dependencies: ["CLinux", "GuestTesting", "ImpresarioInfrastructure", "ImpresarioModel", "ImpresarioPlugins", logging],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "GuestHostTests", dependencies: ["CLinux", "GuestTesting", "ImpresarioModel", "ImpresarioPlugins"], swiftSettings: strict),
        .testTarget(
            name: "ImpresarioPluginToolsTests",
            dependencies: [
                "CLinux", "GuestTesting", "ImpresarioInfrastructure", "ImpresarioModel", "ImpresarioPlugins", "ImpresarioPluginTools",
                logging,
                subprocess,
            ], exclude: ["Plugins"], swiftSettings: strict),
        // What authors in C and C++ get: headers, built and run as they do.
        .testTarget(
            name: "SDKTests", dependencies: ["GuestTesting", "ImpresarioModel", "ImpresarioPlugins", logging, subprocess],
            exclude: ["Programs"], swiftSettings: strict),
        // A real broker behind a real server, over fakes.
        .target(
            name: "ServerFixture",
            dependencies: [
                "ImpresarioModel", "ImpresarioBroker", "ImpresarioClient", "ImpresarioInfrastructure", "ImpresarioPlugins",
                "ImpresarioServer",
                "ImpresarioStore", lifecycle, logging,
            ], path: "Tests/ServerFixture", swiftSettings: strict),
        .testTarget(
            name: "ImpresarioServerTests",
            dependencies: [
                "ImpresarioModel", "ImpresarioClient", "ImpresarioServer", "ServerFixture", asn1, certificates, crypto, nioCore, nioPosix,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ImpresarioClientTests", dependencies: ["ImpresarioModel", "ImpresarioClient", "ServerFixture", nioCore, nioPosix],
            swiftSettings: strict),
        .testTarget(
            name: "impresarioTests", dependencies: ["impresario", "ImpresarioModel", "ImpresarioPlugins", logging], swiftSettings: strict),
        .testTarget(
            name: "impTests", dependencies: ["imp", "ImpresarioModel", "ImpresarioClient", "ServerFixture", argumentParser],
            exclude: ["Snapshots"],
            swiftSettings: strict),
        // The programs as built, real nodes, real engines.
        .testTarget(
            name: "IntegrationTests", dependencies: ["GuestTesting", "ImpresarioModel", "ImpresarioClient", subprocess],
            path: "Tests/Integration",
            exclude: ["Samples/nats-client.c"],
            swiftSettings: strict),
    ]
)
