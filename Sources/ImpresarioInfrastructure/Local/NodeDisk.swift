// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// A node's disk: a sparse file with an ext4 of its flavor's size, mounted by a loop device. What fills it fills nothing else.
///
/// Its folders: `root` and `usr` (upper and work directories of the node's overlays), `var` and `tmp` (shown as they are, since engines need
/// a real file system there). The first content is put in while the file system is made, on the host's side and before any node has written.
enum NodeDisk {
    static let smallest: Int64 = 64 << 20

    static func make(_ folder: NodeFolder, _ record: NodeRecord, layers: [String]) async throws {
        guard !Disk.exists(folder.image) else { return }
        let seed = folder.seed
        try Disk.remove(seed)
        for part in ["root/upper/etc", "root/work", "usr/upper", "usr/work", "var", "tmp"] {
            try Disk.makeFolder("\(seed)/\(part)", mode: 0o755)
        }
        for (name, content) in NodeFiles.all(record.specification) {
            try Data(content.utf8).write(to: URL(filePath: "\(seed)/root/upper/etc/\(name)"))
            chmod("\(seed)/root/upper/etc/\(name)", 0o644)
        }
        // mke2fs takes owners and modes from here; packages bring folders below /var.
        var script = "umask 022; cd \"$0/var\"; mkdir -p cache lib local log mail opt spool tmp; chmod 1777 tmp ../tmp; "
        script += "ln -s /run run; ln -s /run/lock lock; "
        script += "for layer; do cp -a --no-clobber \"$layer/var/.\" . || cp -a \"$layer/var/.\" .; done"
        try await Tools.run("sh", ["-ec", script, seed] + layers)

        let size = record.specification.resources[ResourceVector.disk]
        let aside = folder.image + ".new"
        try Disk.remove(aside)
        let descriptor = open(aside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Disk.failure("making", aside) }
        let failed = ftruncate(descriptor, off_t(size)) != 0
        close(descriptor)
        guard !failed else { throw Disk.failure("sizing", aside) }
        try await Tools.run(
            "mkfs.ext4",
            [
                "-q", "-F", "-m", "0", "-J", size < 1 << 30 ? "size=4" : "size=16", "-E",
                "lazy_itable_init=1,lazy_journal_init=1,nodiscard", "-d", seed, aside,
            ])
        guard rename(aside, folder.image) == 0 else { throw Disk.failure("renaming", aside) }
        try Disk.remove(seed)
    }
}

/// What a node finds in /etc about itself and the others.
enum NodeFiles {
    static func all(_ node: NodeSpecification) -> [(name: String, content: String)] {
        [("hosts", hosts(node)), ("hostname", node.name + "\n"), ("resolv.conf", resolver())]
    }

    static func hosts(_ node: NodeSpecification) -> String {
        var names = node.peers
        names[node.name] = node.address
        return "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"
            + names.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)\n" }.joined()
    }

    /// The host's name servers; one that listens on the host's loopback would be the node's own loopback.
    static func resolver(from files: [String] = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"]) -> String {
        for file in files {
            let lines = (Disk.readText(file) ?? "").split(separator: "\n").filter { line in
                let words = line.split(separator: " ")
                guard let first = words.first, ["nameserver", "search", "options"].contains(first) else { return false }
                return first != "nameserver" || (words.count > 1 && !words[1].hasPrefix("127.") && words[1] != "::1")
            }
            if lines.contains(where: { $0.hasPrefix("nameserver") }) { return lines.joined(separator: "\n") + "\n" }
        }
        return "# The host's name servers cannot be reached from a node.\n"
    }
}
