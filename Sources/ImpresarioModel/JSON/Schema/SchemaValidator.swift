// SPDX-License-Identifier: Apache-2.0

/// One validation: walks value and schema together and gathers what is wrong.
///
/// Work is bounded whatever schema and value are: when the bound is reached the value is refused, never let through.
struct SchemaValidator {
    /// Schemas applied, and characters matched against patterns by 32.
    static let mostWork = 200_000
    static let deepest = 128
    static let mostProblems = 50

    let nodes: [SchemaNode]
    private(set) var problems: [Problem] = []
    private var work = 0
    private var exhausted: Problem?

    init(nodes: [SchemaNode]) { self.nodes = nodes }

    static func validate(_ value: JSONValue, _ nodes: [SchemaNode], index: Int = 0, at pointer: String) -> [Problem] {
        var validator = SchemaValidator(nodes: nodes)
        validator.check(value, index, at: pointer, depth: 0)
        if let exhausted = validator.exhausted { return [exhausted] }
        return validator.problems
    }

    private mutating func check(_ value: JSONValue, _ index: Int, at pointer: String, depth: Int) {
        guard spend(1, at: pointer) else { return }
        guard depth <= Self.deepest else {
            exhausted = Problem(.invalidParameters, "It is nested too deep to be checked.", field: pointer)
            return
        }
        let node = nodes[index]
        let place = Place(pointer: pointer, value: value, node: node)
        if node.refusesEverything {
            report(place.problem("\(place.name) is not allowed here"))
            return
        }
        if let types = node.types, !types.contains(where: { value.isOfType($0) }) {
            report(place.problem("\(place.name) is \(place.shownKind); \(Self.list(types.map(Self.article))) is expected"))
            return
        }
        if let allowed = node.allowed, spend(allowed.count / 32, at: pointer), !allowed.contains(value.normalised) {
            let choice = Self.list(allowed.prefix(20).map(\.excerpt)) + (allowed.count > 20 ? ", …" : "")
            report(place.problem("\(place.name) is \(place.shown); \(allowed.count == 1 ? "only " : "one of ")\(choice) is allowed"))
        }
        switch value {
        case .integer, .number: checkNumber(place)
        case .string(let text): checkString(text, place)
        case .array(let values): checkArray(values, place, depth: depth)
        case .object(let members): checkObject(members, place, depth: depth)
        case .null, .bool: break
        }
        checkCombinations(place, depth: depth)
    }

    private mutating func checkCombinations(_ place: Place, depth: Int) {
        let node = place.node
        for inner in node.always { check(place.value, inner, at: place.pointer, depth: depth + 1) }
        if !node.anyOf.isEmpty {
            let attempts = node.anyOf.map { attempt(place.value, $0, at: place.pointer, depth: depth + 1) }
            if !attempts.contains(where: \.isEmpty) { report(noneFits(attempts, place)) }
        }
        if !node.oneOf.isEmpty {
            let attempts = node.oneOf.map { attempt(place.value, $0, at: place.pointer, depth: depth + 1) }
            let fitting = attempts.count(where: \.isEmpty)
            if fitting == 0 { report(noneFits(attempts, place)) }
            if fitting > 1 {
                report(place.problem("\(place.name) fits \(fitting) of \(attempts.count) forms; exactly one must fit"))
            }
        }
        if let not = node.not, attempt(place.value, not, at: place.pointer, depth: depth + 1).isEmpty {
            let form = nodes[not].title.map { " of the form '\($0)'" } ?? ""
            report(place.problem("\(place.name) is \(place.shown), and a value\(form) is not allowed here"))
        }
    }

    /// Each alternative says its piece, in order.
    private func noneFits(_ attempts: [[Problem]], _ place: Place) -> Problem {
        var problem = place.problem("\(place.name) fits none of the \(attempts.count) forms that are allowed")
        problem.errors = Array(attempts.compactMap(\.first).prefix(8))
        return problem
    }

    private mutating func attempt(_ value: JSONValue, _ index: Int, at pointer: String, depth: Int) -> [Problem] {
        let outer = problems
        problems = []
        check(value, index, at: pointer, depth: depth)
        defer { problems = outer }
        return problems
    }

    mutating func checkMember(_ value: JSONValue, _ index: Int, at pointer: String, depth: Int) {
        check(value, index, at: pointer, depth: depth + 1)
    }

    mutating func report(_ problem: Problem) {
        if problems.count < Self.mostProblems { problems.append(problem) }
    }

    /// Returns false when there is nothing left to spend.
    mutating func spend(_ amount: Int, at pointer: String) -> Bool {
        work += amount
        if work > Self.mostWork && exhausted == nil {
            exhausted = Problem(
                .invalidParameters, "Checking it takes too long.", field: pointer, remedy: "Send fewer or shorter values.")
        }
        return exhausted == nil
    }

    static func list(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "nothing" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }

    static func article(_ type: String) -> String {
        switch type {
        case "null": "null"
        case "boolean": "true or false"
        case "integer": "a whole number"
        case "array", "object": "an \(type)"
        default: "a \(type)"
        }
    }
}

/// A value, where it stands, and what it is held against.
struct Place {
    let pointer: String
    let value: JSONValue
    let node: SchemaNode

    /// How people call it: by the last name of its pointer.
    var name: String {
        let last = pointer.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? ""
        let token = JSONPointer.tokens(of: "/" + last)?.first ?? last
        return pointer.isEmpty ? "The document" : "'\(token.count > 60 ? "\(token.prefix(60))…" : token)'"
    }

    var shown: String { node.isSecret ? "not shown" : value.excerpt }
    var shownKind: String { SchemaValidator.article(value.isOfType("integer") ? "integer" : value.kind) }

    func problem(_ sentence: String) -> Problem { Problem(.invalidParameters, sentence + ".", field: pointer) }
    func member(_ name: String) -> String { "\(pointer)/\(JSONPointer.escape(name))" }
}

extension JSONValue {
    func isOfType(_ type: String) -> Bool {
        switch (type, self) {
        case ("number", .integer): true
        case ("integer", .number(let value)): value.isFinite && value.rounded() == value
        default: kind == type
        }
    }
}
