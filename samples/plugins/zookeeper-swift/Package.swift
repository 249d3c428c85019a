// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// The folder of the SDK: the Makefile says where; beside it, that of the source tree. SwiftPM calls a package of a path by its last component.
let sdk = Context.environment["IMPRESARIO_SDK"] ?? "../../../Sources/SDK/swift"
let kit = Target.Dependency.product(name: "ImpresarioPluginKit", package: String(sdk.split(separator: "/").last ?? "swift"))

let package = Package(
    name: "zookeeper",
    products: [.library(name: "zookeeper", type: .dynamic, targets: ["Zookeeper"])],
    dependencies: [.package(path: sdk)],
    targets: [
        .target(
            name: "Zookeeper", dependencies: [kit],
            swiftSettings: [
                .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
            ],
            // One symbol is shown, and none may be missing.
            linkerSettings: [
                .unsafeFlags(["-Xlinker", "-z", "-Xlinker", "defs", "-Xlinker", "--version-script=\(Context.packageDirectory)/exports.map"])
            ]),
        .testTarget(name: "ZookeeperTests", dependencies: ["Zookeeper", kit]),
    ]
)
