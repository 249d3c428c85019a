// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

/// The JSON Schemas of the documents that verbs take and give, version 1. Published word for word in docs/abi/schemas.
public enum DocumentSchemas {
    /// The document that every verb gets.
    public static let context = text("context") ?? "{}"

    /// Of the verb's `args`; nil when it has none of its own.
    public static func arguments(of verb: PluginVerb) -> String? { text("\(verb.rawValue).arguments") }

    /// Of what the verb answers; nil when that is any object.
    public static func answer(of verb: PluginVerb) -> String? { text("\(verb.rawValue).answer") }

    private static func text(_ name: String) -> String? { all.first { $0.name == name }?.text }

    /// In the order of the verbs, by file name without extension.
    public static let all: [(name: String, text: String)] = contextText + planningTexts + membershipTexts + useTexts + changeTexts
}
