// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

extension RealEngines {
    @Suite struct InstallTests {
        @Test("make install lays down programs that run from there, and what a plugin's author needs; make uninstall takes all of it away")
        func install() async throws {
            try await InstalledPrefix.with { installed in
                let files = try await Machine.shell("cd \(installed.prefix) && find . -type f -printf '%m %P\\n' | sort").lines
                for expected in [
                    "755 bin/imp", "755 bin/impresario", "755 libexec/impresario-guest", "755 lib/impresario/plugins/libswarm.so",
                    "644 include/impresario/plugin.h", "644 lib/pkgconfig/impresario.pc", "644 share/impresario/doc/plugin-author-guide.md",
                    "644 share/impresario/templates/c/Makefile", "644 share/impresario/installed",
                ] {
                    #expect(files.contains(expected), "\(expected)")
                }
                let list = try String(contentsOfFile: "\(installed.prefix)/share/impresario/installed", encoding: .utf8)
                let laid = Set(list.split(separator: "\n").map(String.init)).union(["share/impresario/installed"])
                #expect(Set(files.map { String($0.split(separator: " ", maxSplits: 1)[1]) }) == laid)

                // Nothing of it leads back to where it was built.
                let libraries = try await Machine.shell(
                    "cd \(installed.prefix) && readelf -d bin/* libexec/* lib/impresario/plugins/* | grep -E 'R(UN)?PATH' ; ldd bin/* lib/impresario/plugins/*"
                )
                #expect(!libraries.text.contains(InstalledPrefix.sources) && !libraries.text.contains("not found"), "\(libraries.text)")
                #expect(libraries.text.contains("ORIGIN"))

                let description = try await Machine.shell(
                    """
                    export PKG_CONFIG_PATH=\(installed.prefix)/lib/pkgconfig
                    pkg-config --cflags impresario
                    for name in pluginsdir libexecdir sharedir; do pkg-config --variable=$name impresario; done
                    printf '#include <impresario/plugin.h>\\n' >\(installed.folder)/x.c
                    cc -fsyntax-only $(pkg-config --cflags impresario) \(installed.folder)/x.c && echo compiles
                    """)
                let prefix = installed.prefix
                #expect(
                    description.lines.map { $0.trimmingCharacters(in: .whitespaces) } == [
                        "-I\(prefix)/include", "\(prefix)/lib/impresario/plugins", "\(prefix)/libexec", "\(prefix)/share/impresario",
                        "compiles",
                    ])

                let served = try await installed.run(Self.serving, in: "\(installed.folder)/work")
                #expect(served.succeeded && served.text.contains("local-admin") && served.text.contains("swarm"), "\(served.text)")

                // A plugin that somebody else put there stays; a second run is as good as the first.
                let foreign = "\(prefix)/lib/impresario/plugins/libother.so"
                try Data().write(to: URL(filePath: foreign))
                let again = try await installed.make("install")
                #expect(again.succeeded, "\(again.text)")
                let removed = try await installed.make("uninstall")
                #expect(removed.succeeded, "\(removed.text)")
                #expect(try await Machine.shell("find \(prefix) -type f").lines == [foreign])
                #expect(try await installed.make("uninstall").text.contains("nothing is installed"))
            }
        }

        /// A broker from its start to its end, with whatever of it another `PATH` would not give.
        private static let serving = """
            set -e
            export IMPRESARIO_DATA=$PWD/data IMPRESARIO_LISTEN=127.0.0.1:0
            impresario serve >broker.log 2>&1 &
            trap 'kill %1; wait %1' EXIT
            for _ in $(seq 300); do imp whoami >/dev/null 2>&1 && break; kill -0 %1; sleep 0.1; done
            imp whoami
            imp plugin list
            imp --version
            """

        @Test("DESTDIR takes the files, PREFIX stands in them")
        func destination() async throws {
            try await InstalledPrefix.with { installed in
                let root = "\(installed.folder)/root"
                #expect(try await installed.make("install", destination: root).succeeded)
                let text = try String(contentsOfFile: "\(root)\(installed.prefix)/lib/pkgconfig/impresario.pc", encoding: .utf8)
                #expect(text.contains("prefix=\(installed.prefix)\n"))
                #expect(try await installed.make("uninstall", destination: root).succeeded)
                #expect(try await Machine.shell("find \(root) -type f").lines.isEmpty)
                let relative = try await Machine.shell("\(InstalledPrefix.sources)/.ci/install \(Machine.products.path) usr")
                #expect(!relative.succeeded && relative.text.contains("absolute"))
                let unbuilt = try await Machine.shell("\(InstalledPrefix.sources)/.ci/install /nonexistent \(installed.prefix)")
                #expect(!unbuilt.succeeded && unbuilt.text.contains("build it first"))
            }
        }
    }
}
