// SPDX-License-Identifier: Apache-2.0

/// The keywords for each kind of value.
extension SchemaValidator {
    mutating func checkNumber(_ place: Place) {
        let (value, node) = (place.value, place.node)
        func refuse(_ bound: JSONValue, _ words: String) -> Problem {
            place.problem("\(place.name) is \(place.shown); it must be \(words) \(bound.excerpt)")
        }
        if let bound = node.minimum, value.isLess(than: bound) == true { report(refuse(bound, "at least")) }
        if let bound = node.maximum, bound.isLess(than: value) == true { report(refuse(bound, "at most")) }
        if let bound = node.exclusiveMinimum, bound.isLess(than: value) == false { report(refuse(bound, "more than")) }
        if let bound = node.exclusiveMaximum, value.isLess(than: bound) == false { report(refuse(bound, "less than")) }
        if let step = node.multipleOf, !value.isMultiple(of: step) { report(refuse(step, "a multiple of")) }
    }

    mutating func checkString(_ text: String, _ place: Place) {
        let node = place.node
        let length = text.unicodeScalars.count
        if let least = node.minLength, length < least {
            report(place.problem("\(place.name) has \(length) characters; it must have at least \(least)"))
        }
        if let most = node.maxLength, length > most {
            report(place.problem("\(place.name) has \(length) characters; it must have at most \(most)"))
            return
        }
        if let pattern = node.pattern, !matches(text, pattern, at: place.pointer) {
            report(place.problem("\(place.name) is \(place.shown); it must match the pattern \(pattern.source)"))
        }
        if let format = node.format, !format.matches(text) {
            report(place.problem("\(place.name) is \(place.shown); expected is: \(format.rule)"))
        }
    }

    mutating func checkArray(_ values: [JSONValue], _ place: Place, depth: Int) {
        let node = place.node
        if let least = node.minItems, values.count < least {
            report(place.problem("\(place.name) has \(values.count) elements; it must have at least \(least)"))
        }
        if let most = node.maxItems, values.count > most {
            report(place.problem("\(place.name) has \(values.count) elements; it must have at most \(most)"))
        }
        if node.hasUniqueItems {
            var seen = Set<JSONValue>()
            for (position, value) in values.enumerated() where !seen.insert(value.normalised).inserted {
                let other = Place(pointer: place.member(String(position)), value: value, node: node)
                report(other.problem("The element \(place.node.isSecret ? "" : "\(value.excerpt) ")is there twice; each may be there once"))
            }
        }
        guard let items = node.items else { return }
        for (position, value) in values.enumerated() { checkMember(value, items, at: place.member(String(position)), depth: depth) }
    }

    mutating func checkObject(_ members: [String: JSONValue], _ place: Place, depth: Int) {
        let node = place.node
        for name in node.required where members[name] == nil {
            report(Problem(.invalidParameters, "'\(name)' is missing.", field: place.member(name)))
        }
        if let least = node.minProperties, members.count < least {
            report(place.problem("\(place.name) has \(members.count) members; it must have at least \(least)"))
        }
        if let most = node.maxProperties, members.count > most {
            report(place.problem("\(place.name) has \(members.count) members; it must have at most \(most)"))
        }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            let pointer = place.member(name)
            if let names = node.propertyNames { checkMember(.string(name), names, at: pointer, depth: depth) }
            var isKnown = false
            if let property = node.properties[name] {
                isKnown = true
                checkMember(value, property, at: pointer, depth: depth)
            }
            for (pattern, property) in node.patternProperties where matches(name, pattern, at: pointer) {
                isKnown = true
                checkMember(value, property, at: pointer, depth: depth)
            }
            if isKnown { continue }
            if node.refusesOthers {
                report(Self.unknown(name, known: Array(node.properties.keys), at: pointer))
            } else if let others = node.additionalProperties {
                checkMember(value, others, at: pointer, depth: depth)
            }
        }
    }

    private mutating func matches(_ text: String, _ pattern: Pattern, at pointer: String) -> Bool {
        guard spend(text.utf8.count * pattern.program.count / 32, at: pointer) else { return true }
        return pattern.matches(text)
    }

    private static func unknown(_ name: String, known: [String], at pointer: String) -> Problem {
        let shown = name.count > 60 ? "\(name.prefix(60))…" : name
        let nearest = known.sorted().map { ($0, distance($0, name)) }.min { $0.1 < $1.1 }
        if let nearest, nearest.1 <= max(1, nearest.0.count / 3) {
            return Problem(.invalidParameters, "'\(shown)' is not known; '\(nearest.0)' may be meant.", field: pointer)
        }
        let list = known.isEmpty ? "nothing is allowed here" : "known are " + known.sorted().prefix(40).joined(separator: ", ")
        return Problem(.invalidParameters, "'\(shown)' is not known; \(list).", field: pointer)
    }

    /// Changed, missing and extra characters (Levenshtein); long names are not compared.
    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left.unicodeScalars.prefix(64)), Array(right.unicodeScalars.prefix(65)))
        guard right.count <= 64, !left.isEmpty else { return .max }
        var row = Array(0...right.count)
        for (line, scalar) in left.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for column in right.indices {
                let changed = diagonal + (scalar == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(changed, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}

extension JSONValue {
    func isMultiple(of step: JSONValue) -> Bool {
        if case .integer(let value) = self, case .integer(let step) = step { return step != 0 && value % step == 0 }
        guard let value = double, let step = step.double else { return true }
        let quotient = value / step
        // 0.3 is a multiple of 0.1 to people, if not to binary fractions.
        return quotient.isFinite && abs(quotient - quotient.rounded()) <= 1e-9 * max(1, abs(quotient))
    }
}
