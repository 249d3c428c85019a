// SPDX-License-Identifier: Apache-2.0

extension DocumentSchemas {
    static let membershipTexts: [(name: String, text: String)] = [
        (
            "bootstrap.answer",
            #"""
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": "urn:impresario:document:bootstrap.answer:1",
              "title": "What bootstrap answers",
              "description": "The nodes that are members of the smallest working cluster; join is called for the rest.",
              "type": "object",
              "required": ["joined"],
              "properties": {
                "v": {"const": 1, "description": "The version of this document; 1 when it is absent."},
                "joined": {
                  "type": "array",
                  "items": {"type": "string", "minLength": 1, "description": "The id of a node of the document."},
                  "description": "The nodes that are members now."
                }
              }
            }
            """#
        ),
        (
            "join.arguments",
            #"""
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": "urn:impresario:document:join.arguments:1",
              "title": "args of join",
              "description": "A batch: at most as many nodes of one group as the plan's batch says.",
              "type": "object",
              "required": ["nodes"],
              "properties": {
                "nodes": {
                  "type": "array",
                  "items": {"type": "string", "minLength": 1, "description": "The id of a node of the document."},
                  "description": "The nodes that are meant.",
                  "minItems": 1
                }
              }
            }
            """#
        ),
        (
            "join.answer",
            #"""
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": "urn:impresario:document:join.answer:1",
              "title": "What join answers",
              "description": "A node that is not named is asked for again.",
              "type": "object",
              "required": ["joined"],
              "properties": {
                "v": {"const": 1, "description": "The version of this document; 1 when it is absent."},
                "joined": {
                  "type": "array",
                  "items": {"type": "string", "minLength": 1, "description": "The id of a node of the document."},
                  "description": "The nodes that are members now."
                }
              }
            }
            """#
        ),
        (
            "leave.arguments",
            #"""
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": "urn:impresario:document:leave.arguments:1",
              "title": "args of leave",
              "description": "Nodes that left already are no error.",
              "type": "object",
              "required": ["nodes"],
              "properties": {
                "nodes": {
                  "type": "array",
                  "items": {"type": "string", "minLength": 1, "description": "The id of a node of the document."},
                  "description": "The nodes that are meant.",
                  "minItems": 1
                },
                "lost": {"type": "boolean", "description": "They do not answer any more: only the survivors can be worked on."},
                "drain_deadline": {"type": ["number", "null"], "minimum": 0, "description": "Seconds that work may take to move away."},
                "replaced_by": {
                  "type": ["array", "null"],
                  "items": {"type": "string", "minLength": 1, "description": "The id of a node of the document."},
                  "description": "The nodes that take their place."
                }
              }
            }
            """#
        ),
    ]
}
