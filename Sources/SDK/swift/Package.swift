// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// PluginKit as a package of its own, without the broker and what that depends on. Installed, the two folders under Sources are copies; in the source tree
// they are links.
let package = Package(
    name: "impresario-plugin-kit",
    products: [
        .library(name: "ImpresarioPluginKit", targets: ["ImpresarioPluginKit", "CImpresario"])
    ],
    targets: [
        .target(name: "CImpresario", publicHeadersPath: "include"),
        .target(
            name: "ImpresarioPluginKit", dependencies: ["CImpresario"],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            ]),
    ]
)
