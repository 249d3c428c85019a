// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension DocumentSchemas {
    static let useTexts: [(name: String, text: String)] = [
        answer(
            of: .health, "From the engine's own interfaces.",
            #"""
              "required": ["health"],
              "properties": {
                \#(version),
                "health": {
                  "enum": ["healthy", "degraded", "unhealthy", "unknown"],
                  "description": "degraded: it works, but something of it does not; unhealthy: it does not do its work."
                },
                "conditions": {
                  "type": ["array", "null"],
                  "items": {
                    "type": "object",
                    "required": ["type", "severity", "message"],
                    "properties": {
                      "type": {"type": "string", "minLength": 1, "description": "CamelCase, stable."},
                      "severity": {"enum": ["info", "warning", "error"], "description": "How much it matters."},
                      "message": {"type": "string", "description": "What is so, and what would do."}
                    }
                  },
                  "description": "Facts that the cluster's owner should know."
                },
                "nodes": {
                  "type": ["array", "null"],
                  "items": {
                    "type": "object",
                    "required": ["id", "state"],
                    "properties": {
                      "id": \#(nodeID),
                      "state": {"enum": ["ready", "starting", "draining", "down", "unknown"], "description": "As a member."},
                      "removable": {"type": ["boolean", "null"], "description": "Whether the cluster goes on without it."},
                      "removal_cost": {
                        "type": ["integer", "null"],
                        "description": "Of two removable nodes the one with the lower cost goes first."
                      },
                      "reason": {"type": ["string", "null"], "description": "Why it is not ready or not removable."}
                    }
                  },
                  "description": "One entry for each node of the document."
                },
                "version": {"type": ["string", "null"], "description": "The engine's version."}
              }
            """#),
        arguments(
            of: .credentials, "And what binding_schema names.",
            #"""
              "required": ["binding"],
              "properties": {
                "binding": {"type": "string", "minLength": 1, "description": "The id under which it can be revoked."},
                "role": {"type": ["string", "null"], "description": "As binding_schema lists them."},
                "ttl": {"type": ["integer", "null"], "minimum": 1, "description": "Seconds that they shall last."}
              }
            """#),
        answer(
            of: .credentials, "What the engine's own client needs. Shown once and not kept by the core.",
            #"""
              "required": ["files", "env"],
              "properties": {
                \#(version),
                "files": {
                  "type": "object",
                  "additionalProperties": {"type": "string"},
                  "propertyNames": {"minLength": 1, "maxLength": 64},
                  "description": "File name (no folders; letters, digits, '.', '_' and '-', the first no dot) to content."
                },
                "env": {
                  "type": "object",
                  "additionalProperties": {"type": "string"},
                  "description": "Environment; ${dir} stands for the folder that the files are written to."
                },
                "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "RFC 3339, such as 2026-01-31T12:00:00Z."}
              }
            """#),
        arguments(
            of: .revoke, "Repeated calls, and ids that were never given out, are no error.",
            #"""
              "required": ["binding"],
              "properties": {"binding": {"type": "string", "minLength": 1, "description": "What credentials was given."}}
            """#),
    ]
}
