// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension Table {
    init(_ operations: [Operation]) {
        self.init(
            columns: ["OPERATION", "KIND", "CLUSTER", "STATE", "DONE", "BY", "CREATED"],
            rows: operations.map {
                [
                    $0.id.rawValue, $0.kind.rawValue, $0.clusterName, $0.state.rawValue, "\($0.progress / 100) %", $0.requestedBy,
                    $0.createdAt.short,
                ]
            },
            numeric: [4])
    }

    init(_ steps: [Step]) {
        self.init(
            columns: ["STEP", "STATE", "DONE", "ATTEMPTS", "AT"],
            rows: steps.map {
                let done = $0.state == .done ? 10_000 : $0.progress
                return [$0.name, $0.state.rawValue, "\(done / 100) %", String($0.attempts), $0.problem?.message ?? $0.phase ?? ""]
            },
            numeric: [2, 3])
    }
}

extension Operation {
    var text: String {
        let fields = Fields([
            ("operation", id.rawValue), ("kind", kind.rawValue), ("cluster", clusterName), ("state", state.rawValue),
            ("requested by", requestedBy), ("created", createdAt.short), ("finished", finishedAt?.short),
        ])
        return fields.render() + "\n" + Table(steps).render() + (problem.map { "\n" + ProblemText.render($0) } ?? "")
    }
}
