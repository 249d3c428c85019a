// SPDX-License-Identifier: Apache-2.0

extension DocumentSchemas {
    static let changeTexts: [(name: String, text: String)] = [
        (
            "configure.arguments",
            #"""
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": "urn:impresario:document:configure.arguments:1",
              "title": "args of configure",
              "description": "Both by create_schema; equal after the cluster moved to another version of the plugin.",
              "type": "object",
              "required": ["old", "new"],
              "properties": {
                "old": {"type": "object", "description": "The parameters so far."},
                "new": {"type": "object", "description": "The parameters from now on."}
              }
            }
            """#
        ),
        (
            "upgrade.arguments",
            #"""
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": "urn:impresario:document:upgrade.arguments:1",
              "title": "args of upgrade",
              "description": "One phase of an engine's upgrade; the core makes surge nodes and loops.",
              "type": "object",
              "required": ["phase", "nodes", "to"],
              "properties": {
                "phase": {"enum": ["prepare", "nodes", "finish"], "description": "In this order, nodes as often as it takes."},
                "nodes": {
                  "type": "array",
                  "items": {"type": "string", "minLength": 1, "description": "The id of a node of the document."},
                  "description": "Those that this call is for; empty in prepare and finish."
                },
                "to": {"type": "string", "description": "The engine's version that is wanted."}
              }
            }
            """#
        ),
        (
            "migrate.arguments",
            #"""
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": "urn:impresario:document:migrate.arguments:1",
              "title": "args of migrate",
              "description": "Rewrites the cluster's state.",
              "type": "object",
              "required": ["from", "to"],
              "properties": {
                "from": {"type": "integer", "minimum": 0, "description": "The state_format that wrote it."},
                "to": {"type": "integer", "minimum": 0, "description": "The state_format of this plugin."}
              }
            }
            """#
        ),
    ]
}
