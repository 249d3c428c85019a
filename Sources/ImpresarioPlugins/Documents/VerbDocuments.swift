// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// Holds what goes into a plugin and what comes out of it against ``DocumentSchemas``, and arguments and results of typed operations against the
/// schemas that their declarations name.
struct VerbDocuments: Sendable {
    private let context: JSONSchema
    private let arguments: [PluginVerb: JSONSchema]
    private let answers: [PluginVerb: JSONSchema]

    /// Compiled once. A failure would be a mistake in ``DocumentSchemas``; it fails every call rather than let documents pass unseen.
    private static let version1 = Result { () throws(Problem) in try VerbDocuments() }

    private init() throws(Problem) {
        context = try Self.compile(DocumentSchemas.context)
        var arguments: [PluginVerb: JSONSchema] = [:]
        var answers: [PluginVerb: JSONSchema] = [:]
        for verb in PluginVerb.allCases {
            if let text = DocumentSchemas.arguments(of: verb) { arguments[verb] = try Self.compile(text) }
            if let text = DocumentSchemas.answer(of: verb) { answers[verb] = try Self.compile(text) }
        }
        self.arguments = arguments
        self.answers = answers
    }

    private static func compile(_ text: String) throws(Problem) -> JSONSchema {
        do {
            return try JSONSchema(try CanonicalJSON.decode(JSONValue.self, from: Data(text.utf8)))
        } catch {
            throw Problem(.internal, "A schema of the verbs' documents cannot be used.", detail: String(describing: error))
        }
    }

    /// What a call hands to the plugin.
    ///
    /// - Throws: `internal` for a document of the broker's that is not as it must be, `invalid-parameters` for arguments of a typed operation.
    static func check(_ call: PluginCall) throws(Problem) {
        let documents = try version1.get()
        switch call.target {
        case .verb(let verb): try documents.checkArguments(of: verb, call.context.args)
        case .operation(let operation, let arguments): try operation.check(arguments)
        }
        // Its members are typed, so what could be wrong is wrong in every build: looked for where time does not matter.
        assert(documents.finds(nothingWrongIn: call.context), "The document for a plugin breaks its schema.")
    }

    /// What a plugin answered.
    ///
    /// - Returns: the same.
    /// - Throws: `plugin-failed` that names plugin, verb and mistake, with a JSON pointer into the answer.
    static func checked(_ answer: JSONValue, of call: PluginCall) throws(Problem) -> JSONValue {
        switch call.target {
        case .verb(let verb):
            guard let schema = try version1.get().answers[verb], !schema.accepts(answer) else { return answer }
            throw refusal(schema.validate(answer), plugin: call.plugin, what: verb.rawValue)
        case .operation(let operation, _):
            let problems = try operation.mistakes(in: answer.object ?? [:], areResults: true)
            if !problems.isEmpty { throw refusal(problems, plugin: call.plugin, what: operation.id) }
            return answer
        }
    }

    private func checkArguments(of verb: PluginVerb, _ args: JSONValue) throws(Problem) {
        guard let schema = arguments[verb], !schema.accepts(args) else { return }
        let problems = schema.validate(args, at: "/args")
        throw Problem(
            .internal, "The arguments for the verb '\(verb.rawValue)' are not as they must be: \(problems.first?.message ?? "unknown")",
            field: problems.first?.field)
    }

    private func finds(nothingWrongIn document: PluginContext) -> Bool {
        guard let bytes = try? CanonicalJSON.encode(document), let value = try? CanonicalJSON.decode(JSONValue.self, from: bytes) else {
            return false
        }
        return context.accepts(value)
    }

    private static func refusal(_ problems: [Problem], plugin: PluginPin, what: String) -> Problem {
        Problem(
            .pluginFailed,
            "The plugin '\(plugin.id)' \(plugin.version) answered '\(what)' wrongly: \(problems.first?.message ?? "It is not as it must be.")",
            field: problems.first?.field, errors: problems.count > 1 ? problems : nil)
    }
}

extension TypedOperation {
    /// Values against the schemas that the declaration names for them; kinds are checked when they are converted.
    func mistakes(in values: [String: JSONValue], areResults: Bool) throws(Problem) -> [Problem] {
        var problems: [Problem] = []
        for parameter in parameters where parameter.isOut == areResults {
            guard let document = parameter.schema, let value = values[parameter.name], value != .null else { continue }
            problems += try JSONSchema(document).validate(value, at: "/" + JSONPointer.escape(parameter.name))
        }
        return problems
    }

    fileprivate func check(_ arguments: [String: JSONValue]) throws(Problem) {
        let problems = try mistakes(in: arguments, areResults: false)
        guard var first = problems.first else { return }
        if problems.count > 1 { first.errors = problems }
        throw first
    }
}
