// SPDX-License-Identifier: Apache-2.0

extension DocumentSchemas {
    static let useTexts: [(name: String, text: String)] = [
        (
            "health.answer",
            #"""
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": "urn:impresario:document:health.answer:1",
              "title": "What health answers",
              "description": "From the engine's own interfaces.",
              "type": "object",
              "required": ["health"],
              "properties": {
                "v": {"const": 1, "description": "The version of this document; 1 when it is absent."},
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
                      "id": {"type": "string", "minLength": 1, "description": "The id of a node of the document."},
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
            }
            """#
        ),
        (
            "credentials.arguments",
            #"""
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": "urn:impresario:document:credentials.arguments:1",
              "title": "args of credentials",
              "description": "And what binding_schema names.",
              "type": "object",
              "required": ["binding"],
              "properties": {
                "binding": {"type": "string", "minLength": 1, "description": "The id under which it can be revoked."},
                "role": {"type": ["string", "null"], "description": "As binding_schema lists them."},
                "ttl": {"type": ["integer", "null"], "minimum": 1, "description": "Seconds that they shall last."}
              }
            }
            """#
        ),
        (
            "credentials.answer",
            #"""
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": "urn:impresario:document:credentials.answer:1",
              "title": "What credentials answers",
              "description": "What the engine's own client needs. Shown once and not kept by the core.",
              "type": "object",
              "required": ["files", "env"],
              "properties": {
                "v": {"const": 1, "description": "The version of this document; 1 when it is absent."},
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
            }
            """#
        ),
        (
            "revoke.arguments",
            #"""
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": "urn:impresario:document:revoke.arguments:1",
              "title": "args of revoke",
              "description": "Repeated calls, and ids that were never given out, are no error.",
              "type": "object",
              "required": ["binding"],
              "properties": {"binding": {"type": "string", "minLength": 1, "description": "What credentials was given."}}
            }
            """#
        ),
    ]
}
