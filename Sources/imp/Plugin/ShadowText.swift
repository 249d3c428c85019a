// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension ShadowReport {
    /// A line for each cluster, and below it one for each place in its plan that would be another.
    ///
    ///     acme/shop/web (1.0.0)
    ///       /groups/0/count: 3 → 5
    ///       not the same twice: /groups/1/flavor: "small" → "medium"
    var text: String {
        guard !clusters.isEmpty else { return "no live cluster to compare with\n" }
        return clusters.map { shadow in
            let cluster = shadow.cluster
            let head = "\(cluster.tenant)/\(cluster.project)/\(cluster.name) (\(cluster.pin.version))"
            guard !shadow.isClean else { return "\(head): the same plan\n" }
            var lines = [head]
            if let problem = shadow.problem { lines.append("  no plan: \(Table.printable(problem.message)) (\(problem.code))") }
            lines += shadow.differences.map { "  \($0.text)" }
            lines += shadow.nondeterminism.map { "  not the same twice: \($0.text)" }
            return lines.joined(separator: "\n") + "\n"
        }.joined()
    }
}

extension ShadowReport.Difference {
    var text: String { "\(at.isEmpty ? "/" : Table.printable(at)): \(Self.render(old)) → \(Self.render(new))" }

    private static func render(_ value: JSONValue?) -> String {
        guard let value else { return "nothing" }
        let text = (try? CanonicalJSON.encode(value)).map { Table.printable(String(decoding: $0, as: UTF8.self)) } ?? "?"
        return text.count <= 200 ? text : text.prefix(200) + "…"
    }
}
