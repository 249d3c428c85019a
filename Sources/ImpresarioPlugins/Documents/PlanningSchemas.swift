// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension DocumentSchemas {
    static let planningTexts: [(name: String, text: String)] = [
        arguments(
            of: .validate, "The parameters as the tenant gave them, checked against create_schema, defaults filled in.",
            #"""
              "properties": \#(planning.indented(2))
            """#),
        answer(
            of: .validate, "Recorded, and shown to every later call.",
            #"""
              "required": ["params"],
              "properties": {
                \#(version),
                "params": {"type": "object", "description": "The parameters, with defaults filled in."},
                "warnings": {
                  "type": ["array", "null"],
                  "items": {"type": "string"},
                  "description": "For the tenant; the cluster is made all the same."
                }
              }
            """#),
        arguments(
            of: .plan, "cluster.params are what validate answered.",
            #"""
              "properties": \#(planning.indented(2))
            """#),
        answer(
            of: .plan, "The nodes that the core shall make and the ports that tenants shall reach. The same input gives the same plan.",
            #"""
              "required": ["groups"],
              "properties": {
                \#(version),
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
            """#),
    ]
}
