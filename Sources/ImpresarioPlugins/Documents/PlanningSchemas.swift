// SPDX-License-Identifier: Apache-2.0

extension DocumentSchemas {
    static let planningTexts: [(name: String, text: String)] = [
        (
            "validate.arguments",
            #"""
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": "urn:impresario:document:validate.arguments:1",
              "title": "args of validate",
              "description": "The parameters as the tenant gave them, checked against create_schema, defaults filled in.",
              "type": "object",
              "properties": {
                "params": {"type": "object", "description": "As in cluster.params."},
                "flavors": {
                  "type": "object",
                  "additionalProperties": {
                    "type": "object",
                    "description": "The node's size; tools in the node may show the host's instead.",
                    "required": ["cpu", "memory", "disk"],
                    "properties": {
                      "cpu": {"type": "integer", "minimum": 0, "description": "Millicores."},
                      "memory": {"type": "integer", "minimum": 0, "description": "Bytes."},
                      "disk": {"type": "integer", "minimum": 0, "description": "Bytes."}
                    }
                  },
                  "description": "The node sizes that a plan may name."
                }
              }
            }
            """#
        ),
        (
            "validate.answer",
            #"""
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": "urn:impresario:document:validate.answer:1",
              "title": "What validate answers",
              "description": "Recorded, and shown to every later call.",
              "type": "object",
              "required": ["params"],
              "properties": {
                "v": {"const": 1, "description": "The version of this document; 1 when it is absent."},
                "params": {"type": "object", "description": "The parameters, with defaults filled in."},
                "warnings": {
                  "type": ["array", "null"],
                  "items": {"type": "string"},
                  "description": "For the tenant; the cluster is made all the same."
                }
              }
            }
            """#
        ),
        (
            "plan.arguments",
            #"""
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": "urn:impresario:document:plan.arguments:1",
              "title": "args of plan",
              "description": "cluster.params are what validate answered.",
              "type": "object",
              "properties": {
                "params": {"type": "object", "description": "As in cluster.params."},
                "flavors": {
                  "type": "object",
                  "additionalProperties": {
                    "type": "object",
                    "description": "The node's size; tools in the node may show the host's instead.",
                    "required": ["cpu", "memory", "disk"],
                    "properties": {
                      "cpu": {"type": "integer", "minimum": 0, "description": "Millicores."},
                      "memory": {"type": "integer", "minimum": 0, "description": "Bytes."},
                      "disk": {"type": "integer", "minimum": 0, "description": "Bytes."}
                    }
                  },
                  "description": "The node sizes that a plan may name."
                }
              }
            }
            """#
        ),
        (
            "plan.answer",
            #"""
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": "urn:impresario:document:plan.answer:1",
              "title": "What plan answers",
              "description": "The nodes that the core shall make and the ports that tenants shall reach. The same input gives the same plan.",
              "type": "object",
              "required": ["groups"],
              "properties": {
                "v": {"const": 1, "description": "The version of this document; 1 when it is absent."},
                "groups": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "required": ["name", "role", "count", "flavor"],
                    "properties": {
                      "name": {"type": "string", "format": "dns-label", "maxLength": 20, "description": "Unique within the plan."},
                      "role": {"type": "string", "minLength": 1, "description": "Shown in nodes[].role."},
                      "count": {"type": "integer", "minimum": 0, "maximum": 1000, "description": "How many nodes."},
                      "flavor": {
                        "type": "string",
                        "format": "dns-label",
                        "description": "A node size that the admin made; see args.flavors."
                      },
                      "packages": {
                        "type": ["array", "null"],
                        "items": {"type": "string", "minLength": 1},
                        "description": "Debian packages, each listed in imp_plugin.packages. Their post-install scripts do not run."
                      },
                      "batch": {
                        "type": ["integer", "null"],
                        "minimum": 1,
                        "description": "How many may join at once; 1 for members of a quorum."
                      },
                      "spread": {
                        "type": ["object", "null"],
                        "description": "How the nodes of the group shall lie.",
                        "required": ["by", "mode"],
                        "properties": {
                          "by": {"enum": ["host", "zone"], "description": "What is to differ between the nodes."},
                          "mode": {"enum": ["require", "prefer"], "description": "Whether the request is refused when it cannot be had."}
                        }
                      },
                      "disruption": {
                        "type": ["object", "null"],
                        "description": "How much of the group may be away while nodes are repaired, moved or upgraded.",
                        "properties": {
                          "max_unavailable": {
                            "type": ["integer", "null"],
                            "minimum": 1,
                            "maximum": 1000,
                            "description": "Nodes that may be away at once; 1 when absent."
                          },
                          "quorum": {
                            "type": ["boolean", "null"],
                            "description": "Members that vote: more than half must stay. false when absent."
                          }
                        }
                      },
                      "surge": {
                        "type": ["integer", "null"],
                        "minimum": 0,
                        "maximum": 100,
                        "description": "Nodes that may exist beyond count during an upgrade; they count in the tenant's quota all the time."
                      }
                    }
                  },
                  "description": "Nodes of one role and size; 1 to 1000 nodes together.",
                  "minItems": 1,
                  "maxItems": 100
                },
                "endpoints": {
                  "type": ["array", "null"],
                  "items": {
                    "type": "object",
                    "required": ["name", "group", "port", "expose"],
                    "properties": {
                      "name": {"type": "string", "format": "dns-label", "description": "Unique within the plan."},
                      "group": {"type": "string", "format": "dns-label", "description": "The group whose nodes answer."},
                      "port": {"type": "integer", "minimum": 1, "maximum": 65535, "description": "On the node."},
                      "expose": {
                        "enum": ["tenant", "cluster"],
                        "description": "tenant: reached from where tenants are; cluster: within the project's network only."
                      }
                    }
                  },
                  "description": "Ports of a group's nodes.",
                  "maxItems": 256
                },
                "version": {"type": ["string", "null"], "description": "The engine's version, when it is known before the engine runs."}
              }
            }
            """#
        ),
    ]
}
