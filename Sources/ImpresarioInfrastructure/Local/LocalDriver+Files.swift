// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import ImpresarioModel

/// Files are read and written by a small program inside the node, so no path of a node is ever resolved on the host.
extension LocalDriver {
    /// Arguments: path, mode, owner, length; for each file. The contents follow one another on the input.
    private static let putScript = """
        set -e
        umask 077
        while [ $# -gt 0 ]; do
            path=$1 mode=$2 owner=$3 length=$4; shift 4
            aside="$path.$$.new"
            if [ -L "$path" ] || { [ -e "$path" ] && [ ! -f "$path" ]; }; then
                echo "$path is not a regular file" >&2; exit 65
            fi
            (umask 022; mkdir -p -- "$(dirname -- "$path")")
            head -c "$length" > "$aside"
            chown -- "$owner" "$aside" && chmod -- "$mode" "$aside" || { rm -f -- "$aside"; exit 1; }
            mv -fT -- "$aside" "$path"
        done
        """

    public func put(_ files: [NodeFile], on node: ID<Node>) async throws(Problem) {
        try await asProblem {
            _ = try self.record(node)
            var arguments: [String] = []
            var input = Data()
            for file in files {
                try NodePath.check(file.path)
                let owner = file.owner ?? "root:root"
                guard owner.wholeMatch(of: /[a-zA-Z0-9_][a-zA-Z0-9_.-]*(:[a-zA-Z0-9_][a-zA-Z0-9_.-]*)?/) != nil, file.mode <= 0o7777 else {
                    throw Problem(.infrastructure, "The owner or mode of \(file.path) is none.", field: "owner", owner: .plugin)
                }
                arguments += [file.path, String(file.mode, radix: 8), owner, String(file.content.count)]
                input.append(file.content)
            }
            if files.isEmpty { return }
            let outcome = try await self.runCommand(
                NodeCommand(["/bin/sh", "-c", Self.putScript, "put"] + arguments, input: input, timeout: .seconds(120), outputLimit: 4096),
                on: node, fence: Fence(operation: Self.ownOperation, attempt: self.generation))
            guard outcome.exitCode == 0 else { throw Self.failure("write", files.map(\.path).joined(separator: ", "), outcome) }
        }
    }

    private static let getScript = """
        [ -e "$0" ] || [ -L "$0" ] || exit 66
        [ ! -L "$0" ] && [ -f "$0" ] || exit 65
        exec dd if="$0" iflag=nofollow,nonblock,fullblock,count_bytes bs=65536 count="$1" status=none
        """

    public func get(_ path: String, limit: Int, from node: ID<Node>) async throws(Problem) -> Data {
        try await asProblem {
            _ = try self.record(node)
            try NodePath.check(path)
            let outcome = try await self.runCommand(
                NodeCommand(["/bin/sh", "-c", Self.getScript, path, String(limit + 1)], timeout: .seconds(120), outputLimit: limit + 1),
                on: node, fence: Fence(operation: Self.ownOperation, attempt: self.generation))
            guard outcome.exitCode == 0 else { throw Self.failure("read", path, outcome) }
            guard outcome.output.count <= limit else {
                throw NodePath.tooLarge(path, limit: limit)
            }
            return outcome.output
        }
    }

    private static func failure(_ verb: String, _ path: String, _ outcome: CommandOutcome) -> Problem {
        switch outcome.exitCode {
        case 65: Problem(.infrastructure, "\(path) in the node is a link or no regular file.", detail: text(outcome.error), owner: .plugin)
        case 66: Problem(.notFound, "There is no file \(path) in the node.", owner: .plugin)
        default: Problem(.infrastructure, "The node could not \(verb) \(path).", detail: text(outcome.error))
        }
    }

    static func text(_ data: Data) -> String {
        String(decoding: data.suffix(2000), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
