// SPDX-License-Identifier: Apache-2.0

/// One thing that a tenant can say, as a property of a ``ParameterSet``.
@propertyWrapper
public struct Setting<Value: ParameterValue>: Sendable {
    /// Shared by copies until one of them is changed.
    ///
    /// Unchecked: it is written only while one owner has it, in a set that is being decoded or after ``wrappedValue`` saw that nobody else does.
    final class Storage: @unchecked Sendable {
        var value: Value?
        init(_ value: Value?) { self.value = value }
    }

    private var storage: Storage
    private let declared: [String: JSONValue]

    /// A setting with a default.
    ///
    /// - Parameters:
    ///   - title: a word or two.
    ///   - description: a line; help shows it.
    ///   - rules: what the host checks before the plugin is asked.
    public init(wrappedValue: Value, _ title: String, _ description: String, _ rules: ParameterRule...) {
        self.init(wrappedValue, title, description, rules)
    }

    /// A setting that the tenant must give, unless its type is optional.
    public init(_ title: String, _ description: String, _ rules: ParameterRule...) {
        self.init(Value.absent, title, description, rules)
    }

    private init(_ value: Value?, _ title: String, _ description: String, _ rules: [ParameterRule]) {
        var schema = Value.valueSchema
        schema["title"] = .string(title)
        schema["description"] = .string(description)
        for rule in rules { rule.apply(to: &schema) }
        if let value, let initial = try? JSONValue(encoding: value), initial != .null { schema["default"] = initial }
        storage = Storage(value)
        declared = schema
    }

    /// - Precondition: it has a default, or was decoded or set.
    public var wrappedValue: Value {
        get {
            guard let value = storage.value else { preconditionFailure("a required setting is read before it was decoded") }
            return value
        }
        set {
            if isKnownUniquelyReferenced(&storage) { storage.value = newValue } else { storage = Storage(newValue) }
        }
    }
}

extension Setting: Equatable where Value: Equatable {
    /// By value.
    public static func == (left: Self, right: Self) -> Bool { left.storage.value == right.storage.value }
}

extension Setting: Hashable where Value: Hashable {
    /// By value.
    public func hash(into hasher: inout Hasher) { hasher.combine(storage.value) }
}

/// A setting of any type, as its set handles it.
protocol AnySetting {
    var schema: JSONValue { get }
    var isRequired: Bool { get }
    /// Fills in what the document says; keeps the default where it says nothing.
    func read(_ name: SettingName, from members: KeyedDecodingContainer<SettingName>) throws
    func write(_ name: SettingName, to members: inout KeyedEncodingContainer<SettingName>) throws
}

extension Setting: AnySetting {
    var schema: JSONValue { .object(declared) }
    var isRequired: Bool { storage.value == nil }

    func read(_ name: SettingName, from members: KeyedDecodingContainer<SettingName>) throws {
        if let value = try members.decodeIfPresent(Value.self, forKey: name) { storage.value = value }
        if storage.value == nil {
            throw DecodingError.keyNotFound(
                name, .init(codingPath: members.codingPath, debugDescription: "'\(name.stringValue)' is missing"))
        }
    }

    func write(_ name: SettingName, to members: inout KeyedEncodingContainer<SettingName>) throws {
        guard let value = storage.value, !value.isAbsent else { return }
        try members.encode(value, forKey: name)
    }
}
