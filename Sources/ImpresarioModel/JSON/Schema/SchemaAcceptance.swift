// SPDX-License-Identifier: Apache-2.0

/// Whether a value is valid, and nothing else: no pointers, no messages, nothing sorted. For documents that are nearly always right; when it says no,
/// ``SchemaValidator`` says why.
struct SchemaAcceptance {
    let nodes: [SchemaNode]
    private var work = 0
    /// Once the bound is passed nothing is accepted, whatever `not` made of it.
    private var isExhausted = false

    static func accepts(_ value: JSONValue, _ nodes: [SchemaNode]) -> Bool {
        var acceptance = SchemaAcceptance(nodes: nodes)
        return acceptance.accepts(value, 0, depth: 0) && !acceptance.isExhausted
    }

    private init(nodes: [SchemaNode]) { self.nodes = nodes }

    private mutating func accepts(_ value: JSONValue, _ index: Int, depth: Int) -> Bool {
        guard spend(1), depth <= SchemaValidator.deepest else {
            isExhausted = true
            return false
        }
        if nodes[index].refusesEverything { return false }
        if let types = nodes[index].types, !types.contains(where: { value.isOfType($0) }) { return false }
        if let allowed = nodes[index].allowed, !allowed.contains(value.normalised) { return false }
        switch value {
        case .integer, .number: if !acceptsNumber(value, index) { return false }
        case .string(let text): if !acceptsText(text, index) { return false }
        case .array(let values): if !acceptsElements(values, index, depth: depth) { return false }
        case .object(let members): if !acceptsMembers(members, index, depth: depth) { return false }
        case .null, .bool: break
        }
        return acceptsCombinations(value, index, depth: depth + 1)
    }

    private func acceptsNumber(_ value: JSONValue, _ index: Int) -> Bool {
        if let bound = nodes[index].minimum, value.isLess(than: bound) == true { return false }
        if let bound = nodes[index].maximum, bound.isLess(than: value) == true { return false }
        if let bound = nodes[index].exclusiveMinimum, bound.isLess(than: value) == false { return false }
        if let bound = nodes[index].exclusiveMaximum, value.isLess(than: bound) == false { return false }
        return nodes[index].multipleOf.map { value.isMultiple(of: $0) } ?? true
    }

    private mutating func acceptsText(_ text: String, _ index: Int) -> Bool {
        if nodes[index].minLength != nil || nodes[index].maxLength != nil {
            let length = text.unicodeScalars.count
            if let least = nodes[index].minLength, length < least { return false }
            if let most = nodes[index].maxLength, length > most { return false }
        }
        if let pattern = nodes[index].pattern, !matches(text, pattern) { return false }
        return nodes[index].format?.matches(text) ?? true
    }

    private mutating func acceptsElements(_ values: [JSONValue], _ index: Int, depth: Int) -> Bool {
        if let least = nodes[index].minItems, values.count < least { return false }
        if let most = nodes[index].maxItems, values.count > most { return false }
        if nodes[index].hasUniqueItems, Set(values.map(\.normalised)).count < values.count { return false }
        guard let items = nodes[index].items else { return true }
        for value in values where !accepts(value, items, depth: depth + 1) { return false }
        return true
    }

    private mutating func acceptsMembers(_ members: [String: JSONValue], _ index: Int, depth: Int) -> Bool {
        for name in nodes[index].required where members[name] == nil { return false }
        if let least = nodes[index].minProperties, members.count < least { return false }
        if let most = nodes[index].maxProperties, members.count > most { return false }
        for (name, value) in members {
            if let names = nodes[index].propertyNames, !accepts(.string(name), names, depth: depth + 1) { return false }
            var isKnown = false
            if let property = nodes[index].properties[name] {
                isKnown = true
                if !accepts(value, property, depth: depth + 1) { return false }
            }
            for (pattern, property) in nodes[index].patternProperties where matches(name, pattern) {
                isKnown = true
                if !accepts(value, property, depth: depth + 1) { return false }
            }
            if isKnown { continue }
            if nodes[index].refusesOthers { return false }
            if let others = nodes[index].additionalProperties, !accepts(value, others, depth: depth + 1) { return false }
        }
        return true
    }

    private mutating func acceptsCombinations(_ value: JSONValue, _ index: Int, depth: Int) -> Bool {
        if let reference = nodes[index].reference, !accepts(value, reference, depth: depth) { return false }
        for inner in nodes[index].allOf where !accepts(value, inner, depth: depth) { return false }
        if !nodes[index].anyOf.isEmpty {
            var fits = false
            for inner in nodes[index].anyOf where !fits { fits = accepts(value, inner, depth: depth) }
            if !fits { return false }
        }
        if !nodes[index].oneOf.isEmpty {
            var fitting = 0
            for inner in nodes[index].oneOf where accepts(value, inner, depth: depth) { fitting += 1 }
            if fitting != 1 { return false }
        }
        if let not = nodes[index].not, accepts(value, not, depth: depth) { return false }
        return true
    }

    private mutating func matches(_ text: String, _ pattern: Pattern) -> Bool {
        spend(text.utf8.count * pattern.program.count / 32) && pattern.matches(text)
    }

    private mutating func spend(_ amount: Int) -> Bool {
        work += amount
        if work > SchemaValidator.mostWork { isExhausted = true }
        return !isExhausted
    }
}
