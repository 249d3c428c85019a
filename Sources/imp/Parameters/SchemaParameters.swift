// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// Reads the parameters that flags can set out of a JSON Schema. What it does not understand is left to `--set` and `-f`: the broker validates.
enum SchemaParameters {
    /// Deep enough for settings within settings, and an end for schemas that refer to themselves.
    private static let deepest = 4

    /// - Returns: required ones first, then by flag.
    static func read(_ schema: JSONValue) -> [Parameter] {
        members(of: schema, root: schema, path: [], isRequired: true).sorted {
            ($0.isRequired ? 0 : 1, $0.flag) < ($1.isRequired ? 0 : 1, $1.flag)
        }
    }

    private static func members(of schema: JSONValue, root: JSONValue, path: [String], isRequired: Bool) -> [Parameter] {
        let required = Set((schema["required"]?.array ?? []).compactMap(\.string))
        return (schema["properties"]?.object ?? [:]).flatMap { name, member -> [Parameter] in
            let member = resolve(member, root: root)
            let here = path + [name]
            let needed = isRequired && required.contains(name)
            if type(of: member) == "object", member["properties"]?.object?.isEmpty == false, here.count < deepest {
                return members(of: member, root: root, path: here, isRequired: needed)
            }
            return [parameter(member, root: root, path: here, isRequired: needed)]
        }
    }

    private static func parameter(_ schema: JSONValue, root: JSONValue, path: [String], isRequired: Bool) -> Parameter {
        Parameter(
            flag: Parameter.flag(for: path), path: path, kind: kind(schema, root: root),
            summary: schema["description"]?.string ?? schema["title"]?.string ?? "", defaultValue: schema["default"],
            choices: schema["enum"]?.array ?? schema["items"]?["enum"]?.array ?? [], bounds: bounds(schema),
            isRequired: isRequired && schema["default"] == nil, isSecret: schema["writeOnly"]?.bool ?? false)
    }

    private static func kind(_ schema: JSONValue, root: JSONValue) -> Parameter.Kind {
        switch type(of: schema) {
        case "string": return .string
        case "integer": return .integer
        case "number": return .number
        case "boolean": return .boolean
        case "array":
            let element = kind(resolve(schema["items"] ?? .object([:]), root: root), root: root)
            if case .list = element { return .list(.document) }
            return .list(element)
        default: return .document
        }
    }

    /// The one type, null aside; without `type` that of the choices, when they agree.
    private static func type(of schema: JSONValue) -> String? {
        switch schema["type"] {
        case .string(let name): return name
        case .array(let names):
            let others = names.compactMap(\.string).filter { $0 != "null" }
            return others.count == 1 ? others[0] : nil
        default:
            let kinds = Set((schema["enum"]?.array ?? []).map(\.kind))
            return kinds.count == 1 ? kinds.first : schema["properties"] != nil ? "object" : nil
        }
    }

    /// Follows `#/…` references; others are not ours to fetch.
    private static func resolve(_ schema: JSONValue, root: JSONValue, depth: Int = 0) -> JSONValue {
        guard let reference = schema["$ref"]?.string, reference.hasPrefix("#/"), depth < 8 else { return schema }
        var target: JSONValue? = root
        for step in reference.dropFirst(2).split(separator: "/") {
            target = target?[String(step).replacing("~1", with: "/").replacing("~0", with: "~")]
        }
        return target.map { resolve($0, root: root, depth: depth + 1) } ?? schema
    }

    static func bounds(_ schema: JSONValue) -> String? {
        let low = schema["minimum"]?.integer
        let high = schema["maximum"]?.integer
        switch (low, high) {
        case (let low?, let high?): return "\(low) to \(high)"
        case (let low?, nil): return "at least \(low)"
        case (nil, let high?): return "at most \(high)"
        case (nil, nil): return nil
        }
    }
}

extension TypedOperation {
    /// Its in parameters, in the order of declaration.
    var flags: [Parameter] {
        parameters.filter { !$0.isOut }.map { parameter in
            Parameter(
                flag: Parameter.flag(for: [parameter.name]), path: [parameter.name], kind: parameter.kind.flagKind,
                summary: parameter.summary, defaultValue: parameter.defaultValue,
                choices: parameter.schema?["enum"]?.array ?? parameter.schema?["items"]?["enum"]?.array ?? [],
                bounds: parameter.schema.flatMap(SchemaParameters.bounds),
                isRequired: !parameter.isOptional && parameter.defaultValue == nil, isSecret: parameter.isSecret)
        }
    }
}

extension TypedParameter.Kind {
    fileprivate var flagKind: Parameter.Kind {
        switch self {
        case .bool: .boolean
        case .i32, .u32, .i64: .integer
        case .u64: .unsigned
        case .f64: .number
        case .string: .string
        case .node: .node
        case .json: .document
        case .duration: .duration
        case .bytes: .bytes
        case .strings: .list(.string)
        }
    }
}
