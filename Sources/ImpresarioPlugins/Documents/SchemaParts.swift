// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

/// What the texts of several schemas have in common.
extension DocumentSchemas {
    static func arguments(of verb: PluginVerb, _ description: String, _ members: String) -> (name: String, text: String) {
        schema("\(verb.rawValue).arguments", "args of \(verb.rawValue)", description, members)
    }

    static func answer(of verb: PluginVerb, _ description: String, _ members: String) -> (name: String, text: String) {
        schema("\(verb.rawValue).answer", "What \(verb.rawValue) answers", description, members)
    }

    /// `members` is what follows the type, indented as in the text.
    static func schema(_ name: String, _ title: String, _ description: String, _ members: String) -> (name: String, text: String) {
        (
            name,
            """
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": "urn:impresario:document:\(name):1",
              "title": "\(title)",
              "description": "\(description)",
              "type": "object",
            \(members)
            }
            """
        )
    }

    static let version = #""v": {"const": 1, "description": "The version of this document; 1 when it is absent."}"#

    static let nodeID = #"{"type": "string", "minLength": 1, "description": "The id of a node of the document."}"#

    /// Of `args` of the pure verbs.
    static let planning = #"""
        {
          "params": {"type": "object", "description": "As in cluster.params."},
          "flavors": {
            "type": "object",
            "additionalProperties": \#(flavor.indented(4)),
            "description": "The node sizes that a plan may name."
          }
        }
        """#

    static let flavor = #"""
        {
          "type": "object",
          "description": "The node's size; tools in the node may show the host's instead.",
          "required": ["cpu", "memory", "disk"],
          "properties": {
            "cpu": {"type": "integer", "minimum": 0, "description": "Millicores."},
            "memory": {"type": "integer", "minimum": 0, "description": "Bytes."},
            "disk": {"type": "integer", "minimum": 0, "description": "Bytes."}
          }
        }
        """#

    /// What bootstrap and join tell.
    static let joined = #"""
        {
          "type": "array",
          "items": \#(nodeID),
          "description": "The nodes that are members now."
        }
        """#

    /// What join and leave are asked for.
    static let meant = #"""
        {
          "type": "array",
          "items": \#(nodeID),
          "description": "The nodes that are meant.",
          "minItems": 1
        }
        """#
}

extension String {
    /// To stand in a line that begins with so many spaces.
    func indented(_ spaces: Int) -> String {
        split(separator: "\n").joined(separator: "\n" + String(repeating: " ", count: spaces))
    }
}
