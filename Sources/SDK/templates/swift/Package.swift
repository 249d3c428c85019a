// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// SwiftPM calls a package of a path by the path's last component.
let kit = Target.Dependency.product(name: "ImpresarioPluginKit", package: "swift")

let package = Package(
    name: "@NAME@",
    products: [.library(name: "@NAME@", type: .dynamic, targets: ["Plugin_@IDENT@"])],
    dependencies: [.package(path: "@SHARE@/swift")],
    targets: [
        .target(
            name: "Plugin_@IDENT@", dependencies: [kit], path: "Sources",
            swiftSettings: [.swiftLanguageMode(.v6), .enableUpcomingFeature("InternalImportsByDefault")],
            // One symbol is shown, and none may be missing.
            linkerSettings: [
                .unsafeFlags(["-Xlinker", "-z", "-Xlinker", "defs", "-Xlinker", "--version-script=\(Context.packageDirectory)/exports.map"])
            ])
    ]
)
