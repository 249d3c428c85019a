// SPDX-License-Identifier: Apache-2.0

import ImpresarioBroker
import ImpresarioModel

/// `validate` and `plan` on documents that the schema allows, on some that it does not, and on some from a later version of the broker.
extension TypeChecks {
    private static let sampleCount = 60
    private static let mutationCount = 150

    func checkDocuments() async throws {
        try await list.check(.documents, "drawn parameters") {
            try await stage.library.withGuests { guests in try await drawnParameters(guests) }
        }
        try await list.check(.documents, "unknown members") {
            try await stage.library.withGuests { guests in try await unknownMembers(guests) }
        }
        try await list.check(.documents, "hostile parameters") {
            try await stage.library.withGuests { guests in try await hostileParameters(guests) }
        }
    }

    /// Validates and plans.
    ///
    /// - Returns: the parameters as validated and the plan; nil when the plugin refused them, as it should.
    /// - Throws: ``Finding`` for what no plugin may do.
    func validateAndPlan(_ given: JSONValue, in guests: Guests) async throws -> Subject? {
        let validation = note(await stage.pure(.validate, given, in: guests))
        guard let validated = try settled(validation, given) else { return nil }
        let answer: ValidationResult = try document(validated, .validate, given)
        let schema = try JSONSchema(stage.type.createSchema)
        if let problem = schema.validate(answer.params).first {
            throw Finding.failed(
                "validate of \(given.excerpt) answered params that the type's own schema refuses: \(problem.told)",
                remedy: "Answer the parameters as given, with defaults filled in.")
        }
        let plan = note(await stage.pure(.plan, answer.params, in: guests))
        guard let planned = try settled(plan, answer.params) else { return nil }
        let result: ClusterPlan = try document(planned, .plan, answer.params)
        do throws(Problem) { try PlanCheck.check(result, manifest: stage.library.manifest) } catch {
            throw Finding.failed("plan of \(answer.params.excerpt): \(error.told)", remedy: "Correct the plan that these parameters give.")
        }
        return Subject(parameters: answer.params, plan: result)
    }

    /// The answer; nil for a refusal that tells the tenant what is wrong.
    private func settled(_ call: CallRecord, _ given: JSONValue) throws -> JSONValue? {
        guard let problem = call.problem else { return try call.result.get() }
        guard problem.is(.invalidParameters) else {
            throw Finding.failed(
                "\(call.what) of \(given.excerpt) failed: \(problem.told)\(call.lastCall)",
                remedy: "Parameters that cannot be are refused with IMP_INVALID and a problem; nothing else may go wrong in a pure verb.")
        }
        // What this problem is called when the plugin gave no text.
        guard !problem.message.hasPrefix("The plugin '\(stage.library.pin.id)' failed in") else {
            throw Finding.failed(
                "\(call.what) refused \(given.excerpt) without a message.", remedy: "Fill imp_problem.message: a sentence for the tenant.")
        }
        guard let field = problem.field, field.hasPrefix("/"), JSONPointer.tokens(of: field) != nil else {
            throw Finding.failed(
                "\(call.what) refused \(given.excerpt) ('\(problem.message)') with the field '\(problem.field ?? "")', which is no JSON pointer.",
                remedy: "Fill imp_problem.field with the pointer to the parameter at fault, such as /managers.")
        }
        return nil
    }

    private func document<Answer: Decodable>(_ value: JSONValue, _ verb: PluginVerb, _ given: JSONValue) throws -> Answer {
        do throws(Problem) { return try value.answer(of: stage.library.pin, to: verb) } catch {
            throw Finding.failed(
                "\(verb.rawValue) of \(given.excerpt) answered a document that breaks its rules: \(error.told)",
                remedy: "docs/abi/documents.md says what the answer holds.")
        }
    }

    private func drawnParameters(_ guests: Guests) async throws -> Verdict {
        var samples = try SchemaSamples(stage.type.createSchema, random: random("samples"))
        var accepted = 0
        var tried = 0
        for number in 0..<Self.sampleCount {
            guard let given = number == 0 && samples.isValid(samples.defaults) ? samples.defaults : samples.next() else { continue }
            tried += 1
            guard let subject = try await validateAndPlan(given, in: guests) else { continue }
            accepted += 1
            let again = note(await stage.pure(.validate, subject.parameters, in: guests))
            let second: ValidationResult? = try settled(again, subject.parameters).map { try document($0, .validate, subject.parameters) }
            guard second?.params == subject.parameters else {
                throw Finding.failed(
                    "validate answered \(subject.parameters.excerpt), and given that answered \(second?.params.excerpt ?? "a refusal").",
                    remedy: "What validate answers must be valid, and stay as it is when it is validated again.")
            }
        }
        guard accepted > 0 else {
            return .warning(
                "None of \(tried) documents that the schema allows was accepted.",
                remedy: "Let the schema say what validate asks for: bounds, enum, pattern, and defaults or examples for texts.")
        }
        return .passed("\(tried) documents, \(accepted) accepted")
    }

    private func unknownMembers(_ guests: Guests) async throws -> Verdict {
        var samples = try SchemaSamples(stage.type.createSchema, random: random("unknown"))
        var count = 0
        for _ in 0..<5 {
            guard let given = samples.next() else { continue }
            for verb in [PluginVerb.validate, .plan] {
                let plain = note(await stage.pure(verb, given, in: guests))
                let extended = note(
                    await stage.pure(verb, given, in: guests) { context in
                        context.args = .object((context.args.object ?? [:]).merging(["x-later": ["deep": [1, nil]]]) { $1 })
                        context.cluster.labels["x-later"] = "1"
                    })
                guard Self.same(plain, extended) else {
                    throw Finding.failed(
                        "\(verb.rawValue) of \(given.excerpt) answers differently when the document has members that are not known: \(extended.answerWords) instead of \(plain.answerWords).",
                        remedy: "Ignore members that you do not know; later versions of the broker append some.")
                }
                count += 1
            }
        }
        return count > 0 ? .passed("\(count) documents") : .skipped("no document that the schema allows was found")
    }

    private func hostileParameters(_ guests: Guests) async throws -> Verdict {
        var samples = try SchemaSamples(stage.type.createSchema, random: random("hostile"))
        var mutation = Mutation(random: random("mutation"))
        for _ in 0..<Self.mutationCount {
            let (value, what) = mutation.mutate(samples.next() ?? samples.defaults)
            let verb = Bool.random(using: &mutation.random) ? PluginVerb.validate : .plan
            let call = note(await stage.pure(verb, value, in: guests))
            guard let problem = call.problem else { continue }
            if call.hasCrashed || problem.is(.deadlineExceeded) || problem.is(.pluginUnavailable) {
                throw Finding.failed(
                    "\(verb.rawValue) of parameters \(what) did not survive: \(problem.told) The parameters were \(value.excerpt).",
                    remedy: "Check the kind of every member before using it; refuse with IMP_INVALID what does not fit.")
            }
        }
        return .passed("\(Self.mutationCount) documents")
    }

    static func same(_ left: CallRecord, _ right: CallRecord) -> Bool {
        switch (left.result, right.result) {
        case (.success(let one), .success(let other)): one == other
        case (.failure(let one), .failure(let other)): one.code == other.code && one.field == other.field
        default: false
        }
    }

    /// Parameters whose plan has as many nodes as wished, or nearly.
    func chooseSubject() async throws -> Subject {
        try await stage.library.withGuests { guests in
            if let parameters = options.parameters {
                let schema = try JSONSchema(stage.type.createSchema)
                let given = schema.applyingDefaults(to: parameters)
                if let problem = schema.validate(given).first { throw problem }
                if let subject = try await validateAndPlan(given, in: guests) { return subject }
                throw Problem(.invalidParameters, "The plugin refuses the parameters \(given.excerpt).")
            }
            var samples = try SchemaSamples(stage.type.createSchema, random: random("subject"))
            var best: Subject?
            for number in 0..<200 {
                guard let given = number == 0 && samples.isValid(samples.defaults) ? samples.defaults : samples.next() else { continue }
                guard let subject = try await validateAndPlan(given, in: guests), isPossible(subject) else { continue }
                if subject.nodeCount > best?.nodeCount ?? 0 { best = subject }
                if best?.nodeCount == options.mostNodes || (number == 0 && best != nil && subject.nodeCount > 1) { break }
            }
            if let best { return best }
            throw Finding.failed(
                "No parameters were found whose plan has 1 to \(options.mostNodes) nodes of sizes that a new installation has.",
                remedy: "Let the defaults make a small cluster, or name parameters by --set; --most-nodes allows more nodes.")
        }
    }

    private func isPossible(_ subject: Subject) -> Bool {
        (1...options.mostNodes).contains(subject.nodeCount)
            && subject.plan.groups.allSatisfy { group in stage.flavors.contains { $0.name == group.flavor } }
    }
}

extension CallRecord {
    var answerWords: String {
        switch result {
        case .success(let value): value.excerpt
        case .failure(let problem): "a refusal (\(WatchedServices.cut(problem.message)))"
        }
    }
}
