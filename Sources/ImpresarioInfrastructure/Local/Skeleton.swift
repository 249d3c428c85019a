// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// The lower directory of every node's root: an allow-list, not the host's root.
///
/// It holds the links of a merged /usr, empty folders, the node's init, and those files of the host's /etc that programs need to run and that
/// every user of the host may read anyway. It is shared by all nodes and never changes: a changed /etc makes
/// another one, under another name.
struct Skeleton: Sendable {
    let folder: String

    private static let folders = [
        "boot", "dev", "etc", "home", "media", "mnt", "opt", "proc", "root", "run", "srv", "sys", "tmp", "usr", "var",
    ]

    /// What of /etc programs need to run: names of `find -name`. Everything else of it is the host's own business.
    private static let shown = [
        "adduser.conf", "alternatives", "bash.bashrc", "ca-certificates", "ca-certificates.conf", "debian_version", "deluser.conf",
        "environment", "ethertypes", "gai.conf", "group", "host.conf", "inputrc", "iproute2", "issue", "issue.net", "java*", "ld.so.cache",
        "ld.so.conf", "ld.so.conf.d", "libaudit.conf", "locale.alias", "locale.gen", "localtime", "login.defs", "magic", "magic.mime",
        "mime.types", "mke2fs.conf", "netconfig", "networks", "nsswitch.conf", "os-release", "pam.conf", "pam.d", "passwd", "perl",
        "profile", "profile.d", "protocols", "python3*", "rmt", "rpc", "security", "selinux", "services", "shells", "skel", "ssl",
        "terminfo", "timezone", "xattr.conf",
    ]

    private static var selection: String {
        let names = shown.map { "-name '\($0)'" }.joined(separator: " -o ")
        let isTopLevel = "-path './*' ! -path './*/*'"
        return """
            find . -xdev \\( -path './ssl/private' -o -type d ! -perm -005 -o \(isTopLevel) ! \\( \(names) \\) \\) -prune \
            -o \\( -type d -o -type l -o -type f -perm -004 \\)
            """
    }

    /// - Returns: the name of a skeleton that shows /etc as it is now.
    func ensure() async throws -> String {
        let listing = try await Tools.run(
            "sh", ["-ec", "cd /etc && \(Self.selection) -printf '%p %y %m %s %T@ %l\\n' | LC_ALL=C sort"])
        let name = LocalNames.digest(listing + NodeInit.script)
        let final = "\(folder)/\(name)"
        if Disk.exists(final) { return name }
        // Nodes are made at once: each attempt has a folder of its own, the first that is complete becomes the skeleton.
        let aside = "\(final).\(UUID().uuidString)"
        defer { try? Disk.remove(aside) }
        for entry in Self.folders { try Disk.makeFolder("\(aside)/\(entry)", mode: entry == "root" ? 0o700 : 0o755) }
        for link in ["bin", "lib", "lib32", "lib64", "libx32", "sbin"] where Disk.exists("/usr/\(link)") {
            try FileManager.default.createSymbolicLink(atPath: "\(aside)/\(link)", withDestinationPath: "usr/\(link)")
        }
        try await Tools.run(
            "sh",
            ["-ec", "cd /etc && \(Self.selection) -print0 | tar --null --no-recursion -T - -cf - | tar -xpf - -C \"$0\"", "\(aside)/etc"])
        let users = (Disk.readText("/etc/passwd") ?? "").split(separator: "\n").compactMap { $0.split(separator: ":").first }
        try Data(users.map { "\($0):*:::::::\n" }.joined().utf8).write(to: URL(filePath: "\(aside)/etc/shadow"))
        chmod("\(aside)/etc/shadow", 0o640)
        try Disk.makeFolder("\(aside)/etc/impresario", mode: 0o755)
        try Disk.makeFolder("\(aside)/etc/impresario/service", mode: 0o755)
        try Data(NodeInit.script.utf8).write(to: URL(filePath: "\(aside)/etc/impresario/init"))
        chmod("\(aside)/etc/impresario/init", 0o755)
        if rename(aside, final) != 0 {
            // Another task was quicker; its skeleton is the same.
            guard Disk.exists(final) else { throw Disk.failure("renaming", aside) }
        }
        return name
    }
}
