// SPDX-License-Identifier: Apache-2.0

//! What tenants can ask for, and the nodes and ports that it takes.

use impresario::*;

/// Where clients connect.
pub const CLIENT_PORT: u16 = 4222;
/// Where servers connect to each other.
pub const ROUTE_PORT: u16 = 6222;
/// Where a server tells how it is, within its node only.
pub const MONITOR_PORT: u16 = 8222;
/// Name of the endpoint.
pub const ENDPOINT: &str = "nats";

#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    pub servers: i64,
    pub flavor: String,
    pub jetstream: bool,
    pub max_payload: i64,
}

/// JSON Schema. That the number of servers is odd, `of` says better than a schema can.
pub fn schema() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "servers": {
                "type": "integer", "title": "Servers", "description": "1, 3 or 5. From 3 on the loss of a server costs nothing.", "minimum": 1, "maximum": 5, "default": 3,
            },
            "flavor": {
                "type": "string", "title": "Flavor", "description": "Node size of the servers.", "default": "small", "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
                "maxLength": 63,
            },
            "jetstream": {
                "type": "boolean", "title": "JetStream", "description": "Streams and key-value buckets that are kept on the servers' disks.", "default": true,
            },
            "maxPayload": {
                "type": "integer", "title": "Largest message", "description": "In bytes.", "minimum": 1024, "maximum": 67108864, "default": 1048576,
            },
        },
    })
}

impl Parameters {
    /// With defaults for what is left out.
    pub fn of(params: &Value) -> Result<Parameters> {
        let int = |name: &str, initial: i64| params.get(name).and_then(Value::int).unwrap_or(initial);
        let parameters = Parameters {
            servers: int("servers", 3),
            flavor: params.get("flavor").and_then(Value::text).unwrap_or("small").into(),
            jetstream: params.get("jetstream").and_then(Value::bool).unwrap_or(true),
            max_payload: int("maxPayload", 1 << 20),
        };
        match parameters.servers {
            1 | 3 | 5 => Ok(parameters),
            other => {
                Err(Problem::invalid("nats.even-servers", "/servers", format!("There must be 1, 3 or 5 servers, not {other}: a quorum needs an odd number.")))
            }
        }
    }

    pub fn json(&self) -> Value {
        json!({"servers": (self.servers), "flavor": (&self.flavor), "jetstream": (self.jetstream), "maxPayload": (self.max_payload)})
    }

    pub fn warnings(&self) -> Vec<String> {
        if self.servers == 1 && self.jetstream {
            return vec!["With one server, streams have one copy and are away while the server is.".into()];
        }
        Vec::new()
    }

    pub fn plan(&self) -> Plan {
        Plan {
            groups: vec![Group {
                name: "servers".into(),
                role: "server".into(),
                count: self.servers,
                flavor: self.flavor.clone(),
                packages: vec!["nats-server".into()],
                batch: Some(1),
                spread: Some(Spread::PreferHosts),
            }],
            endpoints: vec![PlannedEndpoint { name: ENDPOINT.into(), group: "servers".into(), port: CLIENT_PORT.into(), expose: Exposure::Tenant }],
            version: None,
        }
    }
}
