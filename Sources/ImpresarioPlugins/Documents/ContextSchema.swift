// SPDX-License-Identifier: Apache-2.0

extension DocumentSchemas {
    static let contextText: [(name: String, text: String)] = [
        schema(
            "context", "What every verb and typed operation is shown",
            "in_json of the verbs, and what context() appends. Ignore members that you do not know.",
            #"""
              "required": ["v", "operation", "cluster", "nodes", "endpoints", "args"],
              "properties": {
                "v": {"const": 1, "description": "The version of this document."},
                "operation": {
                  "type": "object",
                  "description": "The work that this call is part of.",
                  "required": ["id", "kind", "attempt"],
                  "properties": {
                    "id": {"type": "string", "minLength": 1, "description": "The same in every attempt."},
                    "kind": {
                      "type": "string",
                      "minLength": 1,
                      "description": "What the call is part of, such as create, delete, health, credentials or operation."
                    },
                    "attempt": {"type": "integer", "minimum": 1, "description": "1 at first; higher after an attempt that ended anywhere."}
                  }
                },
                "cluster": {
                  "type": "object",
                  "description": "The cluster this call is for.",
                  "required": ["id", "name", "params", "labels", "network"],
                  "properties": {
                    "id": {"type": "string", "minLength": 1, "description": "Opaque."},
                    "name": {"type": "string", "format": "dns-label", "description": "As the tenant named it."},
                    "params": {"type": "object", "description": "By create_schema; after validate what that answered."},
                    "version": {"type": ["string", "null"], "description": "The engine's version, as plan or health told it."},
                    "labels": {"type": "object", "additionalProperties": {"type": "string"}, "description": "The tenant's own."},
                    "network": {
                      "type": "string",
                      "description": "The project's IPv4 network, such as 10.208.3.0/24; empty while it is not known."
                    }
                  }
                },
                "nodes": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "required": ["id", "name", "group", "role", "ordinal", "zone", "host", "address", "state", "flavor"],
                    "properties": {
                      "id": {"type": "string", "minLength": 1, "description": "What host functions name it by. Never reused."},
                      "name": {"type": "string", "minLength": 1, "description": "Its host name; a replacement bears the same one."},
                      "group": {"type": "string", "description": "Of the plan."},
                      "role": {"type": "string", "description": "Of the plan's group."},
                      "ordinal": {"type": "integer", "minimum": 0, "description": "0, 1, ... within the group; kept by a replacement."},
                      "zone": {"type": "string", "description": "Failure domain."},
                      "host": {"type": "string", "description": "The machine that carries it."},
                      "address": {"type": "string", "description": "IPv4; does not change while the node exists."},
                      "state": {
                        "enum": ["planned", "running", "joined", "leaving", "stopped", "lost"],
                        "description": "running: made, no member yet; joined: told as such by bootstrap or join; leaving: chosen to go, a member until leave has ended."
                      },
                      "flavor": \#(flavor.indented(10))
                    }
                  },
                  "description": "All nodes of the cluster, also those that have not joined or are lost; empty in validate and plan."
                },
                "endpoints": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "required": ["name", "addresses", "port"],
                    "properties": {
                      "name": {"type": "string", "minLength": 1, "description": "As plan named it."},
                      "addresses": {
                        "type": "array",
                        "items": {"type": "string"},
                        "description": "host:port where the tenant reaches it, one for each node of the group that is neither planned nor lost; empty while not known."
                      },
                      "port": {"type": "integer", "minimum": 1, "maximum": 65535, "description": "On the node."}
                    }
                  },
                  "description": "Where tenants reach the endpoints that plan named."
                },
                "args": {
                  "type": "object",
                  "description": "The verb's own arguments, see VERB.arguments; empty for typed operations, whose arguments are those of their C function."
                }
              }
            """#)
    ]
}
