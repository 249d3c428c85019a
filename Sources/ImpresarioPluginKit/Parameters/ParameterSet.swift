// SPDX-License-Identifier: Apache-2.0

/// What a tenant can say about a cluster, declared once: the JSON Schema that the host checks and makes flags of, the defaults, and the values that the
/// plugin works with all come from the properties.
///
///     struct Parameters: ParameterSet {
///         @Setting("Members", "Nodes that keep the data by quorum.", .choices(1, 3, 5)) var members = 3
///         @Setting("Flavor", "Node size.", .format(.dnsLabel)) var flavor = "small"
///         @Setting("Password", "Of the first user.", .secret) var password: String
///         @Setting("Peers", "Clusters to follow.", .count(0...8), .each(.format(.hostname))) var peers: [String] = []
///     }
///
///     var createSchema: JSONValue { Parameters.schema }
///     …
///     let parameters = try context.cluster.params.decoded(as: Parameters.self)
///
/// A property with an initial value is optional for the tenant, one of an optional type too; others are required. All stored properties are settings.
/// A set can be the value of a setting in another one.
public protocol ParameterSet: ParameterValue {
    /// All defaults. The compiler writes it.
    init()
}

extension ParameterSet {
    /// JSON Schema of an object with exactly these settings.
    public static var schema: JSONValue { schema(of: Self().settings) }

    /// The same for some of the settings, none of them required: what ``ClusterType/updateSchema`` wants.
    ///
    /// - Precondition: each is the name of a setting.
    public static func schema(only names: [String]) -> JSONValue {
        let settings = Self().settings
        for name in names { precondition(settings.contains { $0.name == name }, "\(Self.self) has no setting '\(name)'") }
        var schema = schema(of: settings.filter { names.contains($0.name) }).object ?? [:]
        schema["required"] = nil
        return .object(schema)
    }

    private static func schema(of settings: [(name: String, setting: any AnySetting)]) -> JSONValue {
        var schema: [String: JSONValue] = [
            "type": "object", "additionalProperties": false,
            "properties": .object(Dictionary(uniqueKeysWithValues: settings.map { ($0.name, $0.setting.schema) })),
        ]
        let required = settings.filter(\.setting.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { schema["required"] = .array(required) }
        return .object(schema)
    }

    /// As a setting of another set.
    public static var valueSchema: [String: JSONValue] { schema.object ?? [:] }

    /// What is left out gets its default.
    ///
    /// - Throws: `DecodingError` that names the member; thrown out of a verb it becomes `IMP_INVALID` with a JSON pointer.
    public init(from decoder: any Decoder) throws {
        self.init()
        let members = try decoder.container(keyedBy: SettingName.self)
        for (name, setting) in settings { try setting.read(SettingName(name), from: members) }
    }

    /// All settings, those that are nil left out.
    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: SettingName.self)
        for (name, setting) in settings { try setting.write(SettingName(name), to: &members) }
    }

    /// By property name, in the order of declaration.
    private var settings: [(name: String, setting: any AnySetting)] {
        Mirror(reflecting: self).children.compactMap { child in
            guard let label = child.label, let setting = child.value as? any AnySetting else { return nil }
            // The storage behind a wrapped property bears its name with an underscore.
            return (String(label.dropFirst()), setting)
        }
    }
}

/// The name of a setting as a member of the document.
struct SettingName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
}
