// SPDX-License-Identifier: Apache-2.0

/// Fills in `default` values of missing members.
struct SchemaDefaults {
    private let nodes: [SchemaNode]
    private var budget: Int

    /// Completes each node's own default by the defaults of its members, so that filling in later is a look-up.
    ///
    /// - Throws: `plugin-invalid` for a default that does not satisfy its own schema, and for defaults that bring about each other without end.
    static func complete(_ nodes: [SchemaNode]) throws(Problem) -> [SchemaNode] {
        var result = nodes
        for (index, node) in nodes.enumerated() {
            guard let value = node.defaultValue else { continue }
            var filler = SchemaDefaults(nodes: nodes, budget: 1000)
            let completed = filler.fill(value, index, depth: 0)
            guard filler.budget >= 0 else {
                throw SchemaCompiler.invalid("its defaults bring about each other without end", at: "")
            }
            if let problem = SchemaValidator.validate(completed, nodes, index: index, at: "").first {
                throw SchemaCompiler.invalid(
                    "the default \(value.excerpt) is not valid itself: \(problem.message)", at: problem.field ?? "")
            }
            result[index].defaultValue = completed
        }
        return result
    }

    /// - Parameter nodes: completed ones.
    static func apply(_ nodes: [SchemaNode], to value: JSONValue) -> JSONValue {
        var filler = SchemaDefaults(nodes: nodes, budget: SchemaValidator.mostWork)
        return filler.fill(value, 0, depth: 0)
    }

    private init(nodes: [SchemaNode], budget: Int) {
        self.nodes = nodes
        self.budget = budget
    }

    private mutating func fill(_ value: JSONValue, _ index: Int, depth: Int) -> JSONValue {
        budget -= 1
        if depth > SchemaValidator.deepest { budget = -1 }
        guard budget >= 0 else { return value }
        let node = nodes[index]
        var value = value
        switch value {
        case .object(var members):
            for (name, property) in node.properties.sorted(by: { $0.key < $1.key }) {
                if let found = members[name] {
                    members[name] = fill(found, property, depth: depth + 1)
                } else if let missing = defaultValue(of: property) {
                    members[name] = fill(missing, property, depth: depth + 1)
                }
            }
            if let others = node.additionalProperties {
                for (name, found) in members where node.properties[name] == nil { members[name] = fill(found, others, depth: depth + 1) }
            }
            value = .object(members)
        case .array(let values):
            if let items = node.items { value = .array(values.map { fill($0, items, depth: depth + 1) }) }
        default: break
        }
        for inner in node.always { value = fill(value, inner, depth: depth + 1) }
        return value
    }

    /// The node's own, or that of a schema it refers to.
    private func defaultValue(of index: Int) -> JSONValue? {
        if let own = nodes[index].defaultValue { return own }
        return nodes[index].always.lazy.compactMap { defaultValue(of: $0) }.first
    }
}
