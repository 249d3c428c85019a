// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Logging

/// Debian packages as read-only directories that are laid over the host's /usr in a node. Nothing is installed on the host.
///
/// A layer holds what the host lacks of a set of packages, dependencies included; so it belongs to that set *and* to the host's package
/// state. The cache may be shared by installations: one fetches, under a lock, the others wait and use.
struct PackageLayers: Sendable {
    let folder: String
    let logger: Logger

    /// tini and runit: what runs a node's services.
    static let base = ["runit", "tini"]

    /// - Returns: the path of the layer, with `usr`, `etc` and `var` inside.
    /// - Throws: ``Problem`` `package-unavailable` that names the package.
    func ensure(_ packages: [String]) async throws -> String {
        let packages = Set(packages).sorted()
        for name in packages where name.wholeMatch(of: /[a-z0-9][a-z0-9+.-]+/) == nil {
            throw Problem(
                .packageUnavailable, "'\(name.prefix(60))' is not the name of a Debian package.",
                remedy: "Correct the list of packages of the plugin.")
        }
        let key = LocalNames.digest("1 \(packages.joined(separator: " ")) \(Self.hostState())")
        let layer = "\(folder)/layers/\(key)"
        if Disk.exists(layer) { return layer }
        try Disk.makeFolder("\(folder)/layers", mode: 0o755)
        return try await FileLock.hold("\(folder)/\(key).lock") {
            if Disk.exists(layer) { return layer }
            logger.info("fetching packages", metadata: ["packages": .array(packages.map { .string($0) })])
            let fetched = "\(folder)/fetch-\(key)"
            do {
                try await download(packages, into: fetched)
            } catch {
                try? Disk.remove(fetched)
                throw error
            }
            // A half layer of a killed process lies aside and is made anew.
            let aside = "\(folder)/layers/.\(key)"
            try Disk.remove(aside)
            try Disk.makeFolder(aside, mode: 0o755)
            try await Tools.run("bash", ["-eo", "pipefail", "-c", Self.unpack, fetched, aside])
            guard rename(aside, layer) == 0 else { throw Disk.failure("renaming", aside) }
            try Disk.flush(folderOf: layer)
            try Disk.remove(fetched)
            return layer
        }
    }

    /// Changes whenever a package is installed or removed on the host.
    private static func hostState() -> String {
        var status = stat()
        guard stat("/var/lib/dpkg/status", &status) == 0 else { return "none" }
        return "\(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }

    private static let unpack = """
        for link in bin sbin lib lib32 lib64 libx32; do
            if [ -e "/usr/$link" ]; then mkdir -p "$1/usr/$link"; ln -s "usr/$link" "$1/$link"; fi
        done
        mkdir -p "$1/usr" "$1/etc" "$1/var"
        for package in "$0"/archives/*.deb; do
            [ -e "$package" ] || continue
            dpkg-deb --fsys-tarfile "$package" | tar -xpf - --keep-directory-symlink -C "$1"
        done
        sync -f "$1"
        """

    /// Fetches as an unprivileged user, into a folder that this user sees at /mnt of a mount namespace of its own: the way to the real one
    /// may be closed to it. When the machine's own package lists do not do, private ones are fetched and it is tried once more.
    private func download(_ packages: [String], into fetched: String) async throws {
        guard Tools.find("apt-get") != nil else {
            throw Problem(
                .packageUnavailable, "The packages \(packages.joined(separator: ", ")) cannot be fetched: this machine has no apt-get.",
                remedy: "Use a Debian or Ubuntu machine as host.")
        }
        let user = (Disk.readText("/etc/passwd") ?? "").contains(/(^|\n)_apt:/) ? "_apt" : "nobody"
        let lists = "\(folder)/lists"
        for part in ["archives/partial", "cache"] { try Disk.makeFolder("\(fetched)/\(part)", mode: 0o755) }
        try Disk.makeFolder("\(lists)/partial", mode: 0o755)
        let outcome = try await Tools.outcome(
            "unshare", ["-m", "--propagation", "private", "sh", "-c", Self.fetch, fetched, user, lists] + packages)
        guard outcome.exitCode == 0 else {
            let said = String(decoding: outcome.error.suffix(4000), as: UTF8.self)
            let culprit = said.firstMatch(of: /Unable to locate package (\S+)|Package '?([^' ]+)'? has no installation candidate/)
            let name = culprit.flatMap { ($0.1 ?? $0.2).map(String.init) } ?? packages.joined(separator: ", ")
            throw Problem(
                .packageUnavailable, "The package \(name) cannot be had on this machine.", detail: said,
                remedy: "Check the machine's package sources and its way to them ('apt-get update', 'apt-cache policy \(name)').",
                facts: ["package": .string(name)])
        }
    }

    private static let fetch = """
        fetched=$0 user=$1 lists=$2; shift 2
        mount --bind "$fetched" /mnt && chown -R "$user" "$fetched" || exit 1
        run() {
            setpriv --reuid="$user" --regid=nogroup --clear-groups --no-new-privs apt-get -q -o Debug::NoLocking=1 \\
                -o Dir::Cache=/mnt/cache -o Dir::Cache::archives=/mnt/archives "$@" </dev/null
        }
        install="install -y --no-install-recommends --no-remove --download-only"
        if ! run $install "$@" >/mnt/log 2>&1; then
            mkdir -p /mnt/lists && mount --bind "$lists" /mnt/lists && chown -R "$user" "$lists"
            private="-o Dir::State::lists=/mnt/lists"
            run $private update >/mnt/log 2>&1 || true
            run $private $install "$@" >/mnt/log 2>&1 || { tail -c 3000 /mnt/log >&2; exit 1; }
        fi
        chown -R root "$fetched"
        """
}
