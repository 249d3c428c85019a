// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import ImpresarioPlugins
import Testing

/// The part of docs/abi/documents.md that is made from the schemas: a table for each document, a line for each member.
enum DocumentPage {
    static func text() throws -> String {
        var page = "\n## The document that every verb gets\n\n" + (try section(DocumentSchemas.context, "context"))
        for verb in PluginVerb.allCases {
            page += "\n## \(verb.rawValue) [\(verb.verbClass.rawValue)]\n"
            page += "\n**args.** " + (try section(DocumentSchemas.arguments(of: verb), "\(verb.rawValue).arguments"))
            page += "\n**Answer.** " + (try section(DocumentSchemas.answer(of: verb), "\(verb.rawValue).answer"))
        }
        return page
    }

    private static func section(_ text: String?, _ name: String) throws -> String {
        guard let text else { return name.hasSuffix("answer") ? "None: `{}`, or nothing written.\n" : "None of its own.\n" }
        let schema = try CanonicalJSON.decode(JSONValue.self, from: Data(text.utf8))
        var lines = ["\(schema["description"]?.string ?? "") ([schema](schemas/\(name).json))", "", "| member | is | |", "|---|---|---|"]
        try rows(schema, path: "", text, into: &lines)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func rows(_ schema: JSONValue, path: String, _ text: String, into lines: inout [String]) throws {
        let required = Set(schema["required"]?.array?.compactMap(\.string) ?? [])
        // Members have no order; where they stand first in the text is close to what its writer meant.
        func place(_ name: String) -> String.Index { text.range(of: "\"\(name)\": {")?.lowerBound ?? text.endIndex }
        for (name, member) in (schema["properties"]?.object ?? [:]).sorted(by: { place($0.key) < place($1.key) }) {
            let here = path.isEmpty ? name : "\(path).\(name)"
            let mark = required.contains(name) ? "" : "?"
            let words = try #require(member["description"]?.string ?? member["items"]?["description"]?.string, "\(here) is not described")
            lines.append("| `\(here)`\(mark) | \(kind(member)) | \(words) |")
            try rows(member, path: here, text, into: &lines)
            if let items = member["items"], items["properties"] != nil { try rows(items, path: here + "[]", text, into: &lines) }
        }
    }

    private static func kind(_ schema: JSONValue) -> String {
        if let value = schema["const"] { return shown(value) }
        if let choices = schema["enum"]?.array { return choices.filter { $0 != .null }.map(shown).joined(separator: ", ") }
        let type = schema["type"]?.string ?? schema["type"]?.array?.compactMap(\.string).first { $0 != "null" } ?? "anything"
        switch type {
        case "array": return "[\(schema["items"].map(kind) ?? "anything")]\(bounds(schema, "Items", " of "))"
        case "object": return schema["additionalProperties"].map { "{name: \(kind($0))}" } ?? "object"
        case "string": return (schema["format"]?.string ?? "text") + bounds(schema, "Length", ", characters: ")
        case "integer", "number": return type + range(schema)
        default: return type
        }
    }

    private static func bounds(_ schema: JSONValue, _ what: String, _ words: String) -> String {
        switch (schema["min\(what)"]?.integer, schema["max\(what)"]?.integer) {
        case (let least?, let most?): "\(words)\(least) to \(most)"
        case (let least?, nil) where least == 1: ", not empty"
        case (let least?, nil): "\(words)\(least) or more"
        case (nil, let most?): "\(words)at most \(most)"
        case (nil, nil): ""
        }
    }

    private static func range(_ schema: JSONValue) -> String {
        switch (schema["minimum"]?.integer, schema["maximum"]?.integer) {
        case (let least?, let most?): ", \(least) to \(most)"
        case (let least?, nil): ", \(least) or more"
        default: ""
        }
    }

    private static func shown(_ value: JSONValue) -> String {
        value.string.map { "`\($0)`" } ?? value.integer.map { "\($0)" } ?? "\(value)"
    }
}
