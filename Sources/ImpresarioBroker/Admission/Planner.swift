// SPDX-License-Identifier: Apache-2.0

package import ImpresarioModel
package import ImpresarioPlugins

/// From a tenant's parameters to a plan: the type's schema, then the plugin's own `validate` and `plan`, both pure.
package struct Planner {
    let runtime: any PluginRuntime
    let plugin: Plugin
    let type: ClusterType
    let project: Project
    let flavors: [Flavor]

    static let timeout = Duration.seconds(10)

    package init(runtime: any PluginRuntime, plugin: Plugin, type: ClusterType, project: Project, flavors: [Flavor]) {
        self.runtime = runtime
        self.plugin = plugin
        self.type = type
        self.project = project
        self.flavors = flavors
    }

    package func plan(
        name: String, parameters: JSONValue, labels: [String: String]
    ) async throws(Problem) -> (parameters: JSONValue, plan: ClusterPlan) {
        let schema = try JSONSchema(type.createSchema)
        let complete = schema.applyingDefaults(to: parameters)
        let errors = schema.validate(complete).map { $0.under("/parameters") }
        if var first = errors.first {
            if errors.count > 1 { first.errors = errors }
            throw first
        }
        let validation: ValidationResult
        do throws(Problem) {
            validation = try await call(.validate, name: name, parameters: complete, labels: labels)
        } catch {
            throw error.field?.hasPrefix("/parameters") == true ? error : error.under("/parameters")
        }
        let plan: ClusterPlan = try await call(.plan, name: name, parameters: validation.params, labels: labels)
        try PlanCheck.check(plan, manifest: plugin.manifest, packages: plugin.approvedPackages)
        return (validation.params, plan)
    }

    private func call<Answer: Decodable>(
        _ verb: PluginVerb, name: String, parameters: JSONValue, labels: [String: String]
    ) async throws(Problem) -> Answer {
        let context = context(name: name, parameters: parameters, labels: labels)
        let answer = try await runtime.call(
            PluginCall(
                plugin: plugin.pin, type: type.id, target: .verb(verb), context: context, tenant: project.tenant, timeout: Self.timeout),
            services: NoServices())
        return try answer.answer(of: plugin.pin, to: verb)
    }

    /// The document that both verbs get.
    package func context(name: String, parameters: JSONValue, labels: [String: String]) -> PluginContext {
        input(name: name, parameters: parameters, labels: labels).context
    }

    func input(name: String, parameters: JSONValue, labels: [String: String]) -> PlanInput {
        PlanInput(name: name, parameters: parameters, labels: labels, project: project, flavors: flavors)
    }
}

extension JSONValue {
    /// - Throws: `plugin-failed` with a pointer to the plugin's mistake.
    package func answer<Answer: Decodable>(of plugin: PluginPin, to verb: PluginVerb) throws(Problem) -> Answer {
        do throws(Problem) {
            return try decoded(code: .pluginFailed)
        } catch {
            var problem = error
            problem.message = "The plugin '\(plugin.id)' \(plugin.version) answered '\(verb.rawValue)' wrongly: \(problem.message)"
            throw problem
        }
    }
}

extension Problem {
    /// Moves the pointers of a problem about a part of a request to where that part stands.
    func under(_ prefix: String) -> Problem {
        var problem = self
        problem.field = prefix + (field.map { $0.hasPrefix("/") || $0.isEmpty ? $0 : "/" + $0 } ?? "")
        problem.errors = errors?.map { $0.under(prefix) }
        return problem
    }
}
