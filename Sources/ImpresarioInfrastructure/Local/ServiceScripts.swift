// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// What a declared service becomes inside a node: a folder that runit supervises.
struct ServiceScripts {
    /// The program that runsv starts and keeps.
    let run: String
    /// Arguments of ``declare`` after state and address.
    let readiness: [String]

    init(_ service: ServiceSpecification) throws {
        func refuse(_ why: String) -> Problem {
            Problem(.infrastructure, "The service '\(service.name.prefix(63))' \(why).", field: "service", owner: .plugin)
        }
        try Name.check(service.name, field: "name")
        let argv = service.argv ?? []
        let env = service.env ?? [:]
        if service.state == .running && argv.isEmpty { throw refuse("has no argv") }
        guard !(argv + env.values).contains(where: { $0.utf8.contains(0) }) else { throw refuse("has a zero byte in an argument") }
        guard env.keys.allSatisfy({ $0.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil }) else {
            throw refuse("has an invalid name in env")
        }

        var lines = ["#!/bin/sh", "exec 2>&1", "cd /"]
        lines += env.sorted { $0.key < $1.key }.map { "export \($0.key)=\(Self.quoted($0.value))" }
        let call = argv.map(Self.quoted).joined(separator: " ")
        if let user = service.user, user != "root" {
            guard user.wholeMatch(of: /[a-zA-Z0-9_][a-zA-Z0-9_.-]*/) != nil else { throw refuse("has an invalid user") }
            lines.append("exec setpriv --reuid=\(user) --regid=\"$(id -g \(user))\" --init-groups -- \(call)")
        } else {
            lines.append("exec \(call)")
        }
        run = argv.isEmpty ? "" : lines.joined(separator: "\n") + "\n"

        if let exec = service.ready?.exec {
            guard !exec.isEmpty else { throw refuse("has an empty readiness command") }
            readiness = ["exec"] + exec
        } else if let port = service.ready?.tcp {
            guard (1...65_535).contains(port) else { throw refuse("waits for the port \(port)") }
            readiness = ["tcp", String(port)]
        } else if let file = service.ready?.file {
            readiness = ["file", file]
        } else {
            readiness = ["none"]
        }
    }

    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }

    /// $0 name, $1 state, $2 address of the node, $3 kind of readiness, then its arguments. The run script is on the input. The same
    /// declaration twice changes nothing; a changed one restarts the service. The caller's timeout ends the waiting.
    static let declare = """
        set -u
        name=$0 state=$1 address=$2 kind=$3; shift 3
        folder=/etc/impresario/service/$name aside=/etc/impresario/new-$name
        while [ ! -p \(NodeInit.control) ]; do sleep 0.02; done
        supervised() { sv status "$folder" >/dev/null 2>&1; }
        if [ "$state" = absent ]; then
            [ -d "$folder" ] || exit 0
            rm -rf "$aside"; mv "$folder" "$aside" || exit 1
            sv -w 20 force-stop "$aside" >/dev/null 2>&1; sv -w 5 force-shutdown "$aside" >/dev/null 2>&1
            rm -rf "$aside"; exit 0
        fi
        changed=no
        rm -rf "$aside"; mkdir -p "$aside/log" "/var/log/$name" || exit 1
        cat > "$aside/run"
        if [ ! -s "$aside/run" ] && [ -e "$folder/run" ]; then cat "$folder/run" > "$aside/run"; fi
        [ -s "$aside/run" ] || printf '#!/bin/sh\\nexec sleep infinity\\n' > "$aside/run"
        printf '#!/bin/sh\\nexec svlogd -tt "/var/log/%s"\\n' "$name" > "$aside/log/run"
        chmod 700 "$aside/run" "$aside/log/run"
        if [ ! -d "$folder" ]; then
            [ "$state" = running ] || touch "$aside/down"
            mv "$aside" "$folder" || exit 1
        else
            if ! cmp -s "$aside/run" "$folder/run"; then changed=yes; mv -f "$aside/run" "$folder/run" || exit 1; fi
            rm -rf "$aside"
        fi
        tries=0
        until supervised; do
            [ $((tries % 50)) -ne 0 ] || echo "$name" > \(NodeInit.control)
            tries=$((tries + 1)); sleep 0.02
        done
        if [ "$state" = stopped ]; then
            touch "$folder/down"; sv -w 30 force-stop "$folder" >/dev/null; exit
        fi
        rm -f "$folder/down"
        # Not by restart: for a service that was started within the same second, runit takes the old process for the new one.
        if [ "$changed" = yes ]; then sv -w 30 force-stop "$folder" >/dev/null; fi
        sv -w 7 up "$folder" >/dev/null
        case $kind in
            exec) until "$@" </dev/null >/dev/null 2>&1; do sleep 0.05; done ;;
            file) until [ -e "$1" ]; do sleep 0.02; done ;;
            tcp) until (exec 4<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null || (exec 4<>"/dev/tcp/$address/$1") 2>/dev/null; do sleep 0.03; done ;;
        esac
        exit 0
        """

    static let lastLines = "tail -n 12 \"/var/log/$0/current\" 2>/dev/null"
}
