// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel

/// Makes a manifest of the descriptor that a guest wrote. Schemas and defaults come as the texts that the plugin gave, so that a mistake in one is
/// told as that and cannot change what stands around it.
enum ManifestReader {
    static let requiredVerbs: [PluginVerb] = [.validate, .plan, .bootstrap, .health, .destroy]

    private struct Descriptor: Decodable {
        var id: String
        var version: String
        var vendor: String
        var license: String
        var url: String?
        var stateFormat: Int
        var packages: [String]
        var types: [DescribedType]
    }

    private struct DescribedType: Decodable {
        var id: String
        var name: String
        var summary: String
        var description: String
        var capabilities: [String]
        var createSchemaJSON: String
        var updateSchemaJSON: String?
        var bindingSchemaJSON: String?
        var verbs: [String]
        var operations: [DescribedOperation]
    }

    private struct DescribedOperation: Decodable {
        var id: String
        var summary: String
        var since: String?
        var deprecated: String?
        var isReadOnly: Bool
        var isIdempotent: Bool
        var isDestructive: Bool
        var isLong: Bool
        var parameters: [DescribedParameter]
    }

    private struct DescribedParameter: Decodable {
        var name: String
        var summary: String
        var kind: TypedParameter.Kind
        var isOut: Bool
        var isOptional: Bool
        var isSecret: Bool
        var defaultJSON: String?
        var schemaJSON: String?
    }

    /// - Throws: `plugin-invalid` that names the type, operation or parameter at fault.
    static func read(_ bytes: ArraySlice<UInt8>) throws(Problem) -> PluginManifest {
        let descriptor: Descriptor
        do {
            descriptor = try CanonicalJSON.decode(from: Data(bytes))
        } catch {
            throw Problem(.pluginProtocol, "The plugin's descriptor could not be read.", detail: String(describing: error))
        }
        var types: [ClusterType] = []
        for type in descriptor.types { types.append(try read(type)) }
        for package in descriptor.packages where !isPackage(package) {
            throw invalid("'\(package)' is not the name of a Debian package", "packages")
        }
        return PluginManifest(
            id: descriptor.id, version: descriptor.version, vendor: descriptor.vendor, license: descriptor.license, url: descriptor.url,
            stateFormat: descriptor.stateFormat, packages: descriptor.packages, types: types)
    }

    private static func read(_ type: DescribedType) throws(Problem) -> ClusterType {
        let missing = requiredVerbs.filter { !type.verbs.contains($0.rawValue) }
        guard missing.isEmpty else {
            throw invalid("the verbs \(missing.map(\.rawValue).joined(separator: ", ")) are required and missing", "type '\(type.id)'")
        }
        let createSchema = try schema(type.createSchemaJSON, "create_schema of type '\(type.id)'")
        guard createSchema["type"]?.string == "object" else {
            throw invalid("it must describe an object (\"type\": \"object\")", "create_schema of type '\(type.id)'")
        }
        var update: JSONValue?
        if let text = type.updateSchemaJSON { update = try schema(text, "update_schema of type '\(type.id)'") }
        var binding: JSONValue?
        if let text = type.bindingSchemaJSON { binding = try schema(text, "binding_schema of type '\(type.id)'") }
        var operations: [TypedOperation] = []
        for operation in type.operations { operations.append(try read(operation, type: type.id)) }
        return ClusterType(
            id: type.id, name: type.name, summary: type.summary, description: type.description, capabilities: type.capabilities,
            createSchema: createSchema, updateSchema: update, bindingSchema: binding, verbs: type.verbs, operations: operations)
    }

    private static func read(_ operation: DescribedOperation, type: String) throws(Problem) -> TypedOperation {
        var parameters: [TypedParameter] = []
        for parameter in operation.parameters {
            parameters.append(try read(parameter, where: "parameter '\(parameter.name)' of '\(operation.id)' of type '\(type)'"))
        }
        let result = TypedOperation(
            id: operation.id, summary: operation.summary, since: operation.since, deprecated: operation.deprecated,
            isReadOnly: operation.isReadOnly, isIdempotent: operation.isIdempotent, isDestructive: operation.isDestructive,
            isLong: operation.isLong, parameters: parameters)
        // Each default must be an argument that the operation takes.
        for parameter in parameters {
            guard !parameter.isOut, let value = parameter.defaultValue else { continue }
            var only = result
            only.parameters = [parameter]
            var fields = FieldWriter()
            do throws(Problem) {
                try TypedArguments.write([parameter.name: value], of: only, to: &fields)
            } catch {
                throw invalid(
                    "its default is wrong: \(error.message)", "parameter '\(parameter.name)' of '\(operation.id)' of type '\(type)'")
            }
        }
        // The schemas that faces show must hold together, defaults included.
        do throws(Problem) {
            _ = try JSONSchema(result.argumentsSchema)
            _ = try JSONSchema(result.resultsSchema)
        } catch {
            throw invalid("its parameters contradict themselves: \(error.message)", "operation '\(operation.id)' of type '\(type)'")
        }
        return result
    }

    private static func read(_ parameter: DescribedParameter, where place: String) throws(Problem) -> TypedParameter {
        var defaultValue: JSONValue?
        if let text = parameter.defaultJSON { defaultValue = try json(text, "default_json of \(place)") }
        var valueSchema: JSONValue?
        if let text = parameter.schemaJSON { valueSchema = try schema(text, "schema_json of \(place)") }
        return TypedParameter(
            name: parameter.name, summary: parameter.summary, kind: parameter.kind, isOut: parameter.isOut,
            isOptional: parameter.isOptional,
            isSecret: parameter.isSecret, defaultValue: defaultValue, schema: valueSchema)
    }

    private static func schema(_ text: String, _ place: String) throws(Problem) -> JSONValue {
        guard text.utf8.count <= PluginLimits.schema else { throw invalid("it is longer than \(PluginLimits.schema) bytes", place) }
        let value = try json(text, place)
        guard value.object != nil else { throw invalid("it is not a JSON object", place) }
        if let reference = externalReference(in: value) { throw invalid("it refers to '\(reference)' outside of itself", place) }
        do throws(Problem) {
            _ = try JSONSchema(value)
        } catch {
            throw invalid("\(error.message) (\(error.field ?? ""))", place)
        }
        return value
    }

    private static func json(_ text: String, _ place: String) throws(Problem) -> JSONValue {
        do {
            return try CanonicalJSON.decode(from: Data(text.utf8))
        } catch {
            throw invalid("it is not JSON: \(Problem(decoding: error).detail ?? "unreadable")", place)
        }
    }

    private static func externalReference(in value: JSONValue) -> String? {
        switch value {
        case .object(let members):
            for key in ["$ref", "$dynamicRef"] {
                if let reference = members[key]?.string, !reference.hasPrefix("#") { return reference }
            }
            return members.values.lazy.compactMap(externalReference).first
        case .array(let elements):
            return elements.lazy.compactMap(externalReference).first
        default:
            return nil
        }
    }

    /// Debian policy 5.6.1.
    private static func isPackage(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        func isAlphanumeric(_ byte: UInt8) -> Bool { (97...122).contains(byte) || (48...57).contains(byte) }
        guard bytes.count >= 2, let first = bytes.first, isAlphanumeric(first) else { return false }
        return bytes.allSatisfy { isAlphanumeric($0) || [43, 45, 46].contains($0) }
    }

    private static func invalid(_ why: String, _ place: String) -> Problem {
        Problem(.pluginInvalid, "The plugin's \(place) cannot be used: \(why).")
    }
}
