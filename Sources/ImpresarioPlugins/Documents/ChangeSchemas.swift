// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension DocumentSchemas {
    static let changeTexts: [(name: String, text: String)] = [
        arguments(
            of: .configure, "Both by create_schema; equal after the cluster moved to another version of the plugin.",
            #"""
              "required": ["old", "new"],
              "properties": {
                "old": {"type": "object", "description": "The parameters so far."},
                "new": {"type": "object", "description": "The parameters from now on."}
              }
            """#),
        arguments(
            of: .upgrade, "One phase of an engine's upgrade; the core makes surge nodes and loops.",
            #"""
              "required": ["phase", "nodes", "to"],
              "properties": {
                "phase": {"enum": ["prepare", "nodes", "finish"], "description": "In this order, nodes as often as it takes."},
                "nodes": {
                  "type": "array",
                  "items": \#(nodeID),
                  "description": "Those that this call is for; empty in prepare and finish."
                },
                "to": {"type": "string", "description": "The engine's version that is wanted."}
              }
            """#),
        arguments(
            of: .migrate, "Rewrites the cluster's state.",
            #"""
              "required": ["from", "to"],
              "properties": {
                "from": {"type": "integer", "minimum": 0, "description": "The state_format that wrote it."},
                "to": {"type": "integer", "minimum": 0, "description": "The state_format of this plugin."}
              }
            """#),
    ]
}
