// SPDX-License-Identifier: Apache-2.0

/// Reads a schema document into nodes, without recursion: what is found is queued by its place in the document.
struct SchemaCompiler {
    static let mostNodes = 4096
    /// Schemas that look at one value, one inside or behind the other.
    static let deepestInPlace = 32

    private let document: JSONValue
    private(set) var nodes: [SchemaNode] = []
    private var indices: [String: Int] = [:]
    private var queue: [(pointer: String, value: JSONValue)] = []

    static func compile(_ document: JSONValue) throws(Problem) -> [SchemaNode] {
        var compiler = SchemaCompiler(document: document)
        _ = try compiler.index(of: document, at: "")
        var next = 0
        while next < compiler.queue.count {
            let (pointer, value) = compiler.queue[next]
            compiler.nodes[next] = try compiler.read(value, at: pointer)
            next += 1
        }
        try compiler.refuseEndlessReferences()
        return compiler.nodes
    }

    private init(document: JSONValue) { self.document = document }

    static func invalid(_ message: String, at pointer: String, remedy: String? = nil) -> Problem {
        Problem(.pluginInvalid, "The JSON schema cannot be used: \(message).", field: pointer, remedy: remedy)
    }

    private mutating func index(of value: JSONValue, at pointer: String) throws(Problem) -> Int {
        if let known = indices[pointer] { return known }
        guard nodes.count < Self.mostNodes else { throw Self.invalid("it has more than \(Self.mostNodes) subschemas", at: pointer) }
        indices[pointer] = nodes.count
        nodes.append(SchemaNode())
        queue.append((pointer, value))
        return nodes.count - 1
    }

    private mutating func read(_ value: JSONValue, at pointer: String) throws(Problem) -> SchemaNode {
        var node = SchemaNode()
        switch value {
        case .bool(let isOpen):
            node.refusesEverything = !isOpen
        case .object(let members):
            for (keyword, value) in members.sorted(by: { $0.key < $1.key }) {
                try read(keyword, value, at: pointer, into: &node)
            }
        default:
            throw Self.invalid("a schema is an object or a boolean, not \(value.kind)", at: pointer)
        }
        return node
    }

    private mutating func read(_ keyword: String, _ value: JSONValue, at parent: String, into node: inout SchemaNode) throws(Problem) {
        let reader = KeywordReader(keyword: keyword, value: value, pointer: "\(parent)/\(JSONPointer.escape(keyword))")
        let pointer = reader.pointer
        switch keyword {
        case "type": node.types = try reader.types()
        case "enum": node.allowed = try narrow(node.allowed, to: reader.array(), reader)
        case "const": node.allowed = try narrow(node.allowed, to: [value], reader)
        case "minimum": node.minimum = try reader.number()
        case "maximum": node.maximum = try reader.number()
        case "exclusiveMinimum": node.exclusiveMinimum = try reader.number()
        case "exclusiveMaximum": node.exclusiveMaximum = try reader.number()
        case "multipleOf":
            guard let step = try reader.number().double, step > 0 else { throw reader.refusal("a number above 0") }
            node.multipleOf = value
        case "minLength": node.minLength = try reader.count()
        case "maxLength": node.maxLength = try reader.count()
        case "minItems": node.minItems = try reader.count()
        case "maxItems": node.maxItems = try reader.count()
        case "minProperties": node.minProperties = try reader.count()
        case "maxProperties": node.maxProperties = try reader.count()
        case "pattern": node.pattern = try Pattern(try reader.string(), field: pointer)
        case "format":
            guard let format = StringFormat(rawValue: try reader.string()) else {
                throw reader.refusal("one of " + StringFormat.allCases.map(\.rawValue).joined(separator: ", "))
            }
            node.format = format
        case "uniqueItems": node.hasUniqueItems = try reader.bool()
        case "items": node.items = try index(of: value, at: pointer)
        case "required": node.required = try reader.strings()
        case "properties": node.properties = try members(reader)
        case "patternProperties":
            for (source, index) in try members(reader).sorted(by: { $0.key < $1.key }) {
                node.patternProperties.append((try Pattern(source, field: pointer), index))
            }
        case "additionalProperties":
            if value == false { node.refusesOthers = true } else { node.additionalProperties = try index(of: value, at: pointer) }
        case "propertyNames": node.propertyNames = try index(of: value, at: pointer)
        case "allOf": node.allOf = try elements(reader)
        case "anyOf": node.anyOf = try elements(reader)
        case "oneOf": node.oneOf = try elements(reader)
        case "not": node.not = try index(of: value, at: pointer)
        case "$ref": node.reference = try resolve(reader)
        case "$defs": _ = try members(reader)
        case "default": node.defaultValue = value
        case "writeOnly": node.isSecret = try reader.bool()
        case "title": node.title = try reader.string()
        case "description", "$comment", "examples", "deprecated", "readOnly", "contentEncoding", "contentMediaType": break
        case "$id" where parent.isEmpty: break
        case "$schema":
            guard try reader.string().contains("2020-12") else { throw reader.refusal("https://json-schema.org/draft/2020-12/schema") }
        default:
            guard keyword.hasPrefix("x-") else {
                throw Self.invalid(
                    "the keyword '\(keyword)' is not supported", at: pointer, remedy: "Say it with another keyword, or leave it out.")
            }
        }
    }

    /// `enum` and `const` together: what both allow.
    private func narrow(_ known: [JSONValue]?, to values: [JSONValue], _ reader: KeywordReader) throws(Problem) -> [JSONValue] {
        let values = values.map(\.normalised)
        guard !values.isEmpty else { throw reader.refusal("an array with at least one value") }
        guard let known else { return values }
        let both = Set(known).intersection(values)
        return known.filter(both.contains)
    }

    private mutating func members(_ reader: KeywordReader) throws(Problem) -> [String: Int] {
        var result: [String: Int] = [:]
        for (name, value) in try reader.object().sorted(by: { $0.key < $1.key }) {
            result[name] = try index(of: value, at: "\(reader.pointer)/\(JSONPointer.escape(name))")
        }
        return result
    }

    private mutating func elements(_ reader: KeywordReader) throws(Problem) -> [Int] {
        let values = try reader.array()
        guard !values.isEmpty else { throw reader.refusal("an array with at least one schema") }
        var result: [Int] = []
        for (position, value) in values.enumerated() { result.append(try index(of: value, at: "\(reader.pointer)/\(position)")) }
        return result
    }

    private mutating func resolve(_ reader: KeywordReader) throws(Problem) -> Int {
        let text = try reader.string()
        guard text.hasPrefix("#"), let tokens = JSONPointer.tokens(of: String(text.dropFirst())) else {
            throw reader.refusal("a pointer into this document, such as #/$defs/name")
        }
        var found: JSONValue? = document
        for token in tokens {
            if let values = found?.array {
                found = Int(token).flatMap { values.indices.contains($0) ? values[$0] : nil }
            } else {
                found = found?[token]
            }
        }
        guard let found else { throw Self.invalid("there is nothing at '\(text)'", at: reader.pointer) }
        return try index(of: found, at: tokens.map { "/" + JSONPointer.escape($0) }.joined())
    }

    /// A schema that refers to itself without going into a member or an element would never be done with a value.
    private func refuseEndlessReferences() throws(Problem) {
        var heights: [Int?] = Array(repeating: nil, count: nodes.count)
        /// Nil: above the limit.
        func height(_ index: Int, depth: Int) -> Int? {
            if let known = heights[index] { return known }
            guard depth <= Self.deepestInPlace else { return nil }
            var highest = 0
            for inner in nodes[index].inPlace {
                guard let below = height(inner, depth: depth + 1), below < Self.deepestInPlace else { return nil }
                highest = max(highest, below + 1)
            }
            heights[index] = highest
            return highest
        }
        for index in nodes.indices where height(index, depth: 0) == nil {
            throw Self.invalid(
                "schemas refer to each other in a circle, or more than \(Self.deepestInPlace) deep, for one value", at: queue[index].pointer
            )
        }
    }
}
