// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ImpresarioPluginKit

extension Engine {
    /// Prints lines of a word and a value. `$1` role, `$2` and `$3` formats, `$4` the endpoint's port in hex, `$5` whether tasks
    /// are of interest: nobody has any while the swarm is being made. Whether the port is listened on, the kernel's table tells; connections of our own would fill the endpoint's log.
    private static let look = """
        if [ "$5" = no ] && [ "$1" = manager ]; then
            # Each client costs a small node's processor a while: while the swarm is being made there are two, at once.
            port=$4 members=$3 engine=$2
            shift 5
            timeout 8 docker node inspect "$@" --format "member $members" 2>/dev/null &
            if info=$(timeout 8 docker info --format "$engine" | grep '"version":"[^"]'); then
                printf 'info %s\\n' "$info"
                [ -e /proc/net/ip_vs ] && echo 'ipvs yes'
            fi
            wait
            if grep -qi "^ *[0-9]*: [0-9a-f]*:$port 00000000:0000 0A" /proc/net/tcp; then echo 'endpoint up'; else echo 'endpoint down'; fi
            exit 0
        fi
        if ! info=$(timeout 8 docker info --format "$2" | grep '"version":"[^"]'); then
            version=$(timeout 3 docker version --format '{{.Server.Version}}') || exit 3
            printf 'version %s\\n' "$version"
            exit 0
        fi
        printf 'info %s\\n' "$info"
        [ -e /proc/net/ip_vs ] && echo 'ipvs yes'
        [ "$1" = manager ] || exit 0
        if ids=$(timeout 8 docker node ls --quiet 2>&1); then
            timeout 8 docker node inspect $ids --format "member $3"
            [ "$5" = no ] || timeout 8 docker node ps $ids --filter desired-state=running --format 'busy {{.Node}}'
        else
            printf 'complaint %s\\n' "$(printf '%s' "$ids" | tr '\\n' ' ')"
        fi
        if grep -qi "^ *[0-9]*: [0-9a-f]*:$4 00000000:0000 0A" /proc/net/tcp; then echo 'endpoint up'; else echo 'endpoint down'; fi
        exit 0
        """

    /// One look at every node, at once.
    func observe(_ call: borrowing Call, _ nodes: [Node]) throws -> [String: Observation] {
        let reachable = nodes.filter(\.isReachable)
        let names = nodes.map(\.name)
        let tasks = call.context.operation.kind == "create" ? "no" : "yes"
        let answers = try ask(call, reachable, timeout: .seconds(50)) { node in
            ["sh", "-c", Self.look, "look", node.role, EngineInfo.format, Member.format, Self.hexPort, tasks] + names
        }
        var observations: [String: Observation] = [:]
        for answer in answers {
            switch answer.result {
            case .failure(let problem): observations[answer.node.id] = .unreachable(problem.message)
            case .success(let outcome):
                observations[answer.node.id] = try Self.observation(of: outcome, isManager: answer.node.role == Role.manager.rawValue)
            }
        }
        return observations
    }

    private static var hexPort: String {
        let digits = String(Access.port, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// What the script printed.
    static func observation(of outcome: Outcome, isManager: Bool) throws -> Observation {
        var info: EngineInfo?
        var version: String?
        var members: [Substring] = []
        var complaint: String?
        var answer = Observation.Answer(
            info: EngineInfo(version: "", swarm: .init(nodeID: "", state: .inactive, hasControl: false)), hasIPVS: false)
        for line in outcome.output.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "info": info = try JSONDecoder().decode(EngineInfo.self, from: Data(parts[1].utf8))
            case "version": version = String(parts[1])
            case "ipvs": answer.hasIPVS = true
            case "member": members.append(parts[1])
            case "busy": answer.busy.append(String(parts[1]))
            case "complaint": complaint = String(parts[1])
            case "endpoint": answer.endpointListens = parts[1] == "up"
            default: continue
            }
        }
        guard let info else { return version.map(Observation.hesitating) ?? .silent(outcome.complaint) }
        answer.info = info
        answer.complaint = complaint
        answer.members = isManager && !members.isEmpty ? try Self.members(inLines: members) : nil
        return .answering(answer)
    }
}
