// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension DocumentSchemas {
    static let membershipTexts: [(name: String, text: String)] = [
        answer(
            of: .bootstrap, "The nodes that are members of the smallest working cluster; join is called for the rest.",
            #"""
              "required": ["joined"],
              "properties": {
                \#(version),
                "joined": \#(joined.indented(4))
              }
            """#),
        arguments(
            of: .join, "A batch: at most as many nodes of one group as the plan's batch says.",
            #"""
              "required": ["nodes"],
              "properties": {
                "nodes": \#(meant.indented(4))
              }
            """#),
        answer(
            of: .join, "A node that is not named is asked for again.",
            #"""
              "required": ["joined"],
              "properties": {
                \#(version),
                "joined": \#(joined.indented(4))
              }
            """#),
        arguments(
            of: .leave, "Nodes that left already are no error.",
            #"""
              "required": ["nodes"],
              "properties": {
                "nodes": \#(meant.indented(4)),
                "lost": {"type": "boolean", "description": "They do not answer any more: only the survivors can be worked on."},
                "drain_deadline": {"type": ["number", "null"], "minimum": 0, "description": "Seconds that work may take to move away."},
                "replaced_by": {
                  "type": ["array", "null"],
                  "items": \#(nodeID),
                  "description": "The nodes that take their place."
                }
              }
            """#),
    ]
}
