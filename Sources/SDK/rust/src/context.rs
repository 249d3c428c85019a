// SPDX-License-Identifier: Apache-2.0

use crate::{Owner, Problem, Result, Status, Value};
use std::collections::BTreeMap;
use std::time::Duration;

/// What every verb and typed operation is shown: document version 1 of docs/abi/documents.md. Members that this SDK does not know are ignored.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The same in every attempt.
    pub operation_id: String,
    /// `create`, `delete`, a typed operation's id …
    pub operation_kind: String,
    /// 1 at first; higher after an attempt that ended anywhere.
    pub attempt: i64,
    /// Opaque.
    pub cluster_id: String,
    /// As the tenant named it.
    pub cluster_name: String,
    /// After `validate` what that answered, so with defaults.
    pub params: Value,
    /// The engine's version, as `plan` or `health` told it.
    pub version: Option<String>,
    /// The project's IPv4 network, such as `10.208.3.0/24`; empty while it is not known.
    pub network: String,
    /// The tenant's own.
    pub labels: BTreeMap<String, String>,
    /// All nodes of the cluster, also those that have not joined or are lost; empty in `validate` and `plan`.
    pub nodes: Vec<Node>,
    /// Where tenants reach the endpoints that `plan` named, as far as known.
    pub endpoints: Vec<Endpoint>,
    /// The verb's own arguments.
    pub args: Value,
}

/// A machine of the cluster, real or still to be made; its place, size and address were decided at admission.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// What host calls name it by. Never reused.
    pub id: String,
    /// Its host name; a replacement bears the same one.
    pub name: String,
    /// Of the plan.
    pub group: String,
    /// Of the plan's group.
    pub role: String,
    /// 0, 1, … within the group; kept by a replacement.
    pub ordinal: i64,
    /// Failure domain.
    pub zone: String,
    /// The machine that carries it.
    pub host: String,
    /// IPv4; does not change while the node exists.
    pub address: String,
    /// `planned`, `running`, `joined`, `leaving`, `stopped` or `lost`.
    pub state: String,
    /// Tools inside the node may show the host's size instead of this one.
    pub flavor: Flavor,
}

/// A node's size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flavor {
    /// Millicores.
    pub cpu: i64,
    /// Bytes.
    pub memory: i64,
    /// Bytes.
    pub disk: i64,
}

/// Where a port of the cluster answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// As `plan` named it.
    pub name: String,
    /// `host:port` where the tenant reaches it, one for each node of the group that is neither planned nor lost, in the order of the nodes; empty while not known.
    pub addresses: Vec<String>,
    /// On the node.
    pub port: i64,
}

/// The arguments of `leave`.
#[derive(Clone, Debug)]
pub struct LeaveRequest {
    /// Those that leave.
    pub nodes: Vec<Node>,
    /// They do not answer any more: only the survivors can be worked on.
    pub is_lost: bool,
    /// How long work may take to move away.
    pub drain_time: Option<Duration>,
}

/// The arguments of `credentials`.
#[derive(Clone, Debug)]
pub struct CredentialsRequest {
    /// The binding's id, for `revoke`.
    pub binding: String,
    /// As the type's binding schema lists them.
    pub role: Option<String>,
    /// How long they shall last.
    pub ttl: Option<Duration>,
}

impl Node {
    /// Whether host calls to it can be expected to work.
    pub fn is_reachable(&self) -> bool {
        !matches!(self.state.as_str(), "lost" | "stopped" | "planned")
    }
}

impl Context {
    /// Reads the document; also for an author's tests.
    pub fn of(document: &Value) -> Result<Context> {
        let nodes = document.get("nodes").and_then(Value::array).unwrap_or(&[]);
        let endpoints = document.get("endpoints").and_then(Value::array).unwrap_or(&[]);
        let labels = document.at(&["cluster", "labels"]).and_then(Value::members);
        let text = |path: &[&str]| document.at(path).and_then(Value::text).unwrap_or_default().to_string();
        let context = Context {
            operation_id: text(&["operation", "id"]),
            operation_kind: text(&["operation", "kind"]),
            attempt: document.at(&["operation", "attempt"]).and_then(Value::int).unwrap_or(1),
            cluster_id: text(&["cluster", "id"]),
            cluster_name: text(&["cluster", "name"]),
            params: document.at(&["cluster", "params"]).cloned().unwrap_or_else(Value::object),
            version: document.at(&["cluster", "version"]).and_then(Value::text).map(Into::into),
            network: text(&["cluster", "network"]),
            labels: labels.into_iter().flatten().map(|(name, value)| (name.clone(), value.text().unwrap_or_default().into())).collect(),
            nodes: nodes.iter().map(Node::of).collect(),
            endpoints: endpoints.iter().map(Endpoint::of).collect(),
            args: document.get("args").cloned().unwrap_or_else(Value::object),
        };
        match context.nodes.iter().position(|node| node.id.is_empty()) {
            Some(index) => Err(Problem::new(Status::INVALID, "sdk.invalid-document", "A node of the document has no id.").field(&format!("/nodes/{index}/id"))),
            None => Ok(context),
        }
    }

    /// The node of this id.
    pub fn node(&self, id: &str) -> Result<&Node> {
        self.nodes
            .iter()
            .find(|node| node.id == id)
            .ok_or_else(|| Problem::new(Status::INVALID, "sdk.unknown-node", format!("The node '{id}' is not in the document.")).owner(Owner::Plugin))
    }

    /// The nodes that host calls can be expected to work on.
    pub fn reachable(&self) -> Vec<&Node> {
        self.nodes.iter().filter(|node| node.is_reachable()).collect()
    }

    /// Where the tenant reaches a node's port: the endpoint's addresses are those of the group's nodes that are there, in the document's order.
    pub fn tenant_address(&self, endpoint: &str, node: &Node) -> Option<&str> {
        let addresses = &self.endpoints.iter().find(|known| known.name == endpoint)?.addresses;
        let group: Vec<_> = self.nodes.iter().filter(|other| other.group == node.group && !matches!(other.state.as_str(), "lost" | "planned")).collect();
        let index = group.iter().position(|other| other.id == node.id)?;
        if addresses.len() == group.len() {
            addresses.get(index).map(String::as_str)
        } else {
            None
        }
    }

    /// The nodes that `args.nodes` names.
    pub(crate) fn named_nodes(&self) -> Result<Vec<Node>> {
        let ids = self.args.get("nodes").and_then(Value::array).unwrap_or(&[]);
        ids.iter().map(|id| self.node(id.text().unwrap_or_default()).cloned()).collect()
    }

    pub(crate) fn seconds(&self, member: &str) -> Option<Duration> {
        Duration::try_from_secs_f64(self.args.get(member)?.float()?).ok()
    }

    pub(crate) fn argument(&self, member: &str) -> Result<String> {
        self.args
            .get(member)
            .and_then(Value::text)
            .map(Into::into)
            .ok_or_else(|| Problem::new(Status::INVALID, "sdk.invalid-document", "An argument is missing or no text.").field(&format!("/{member}")))
    }
}

impl Node {
    fn of(value: &Value) -> Node {
        let text = |member: &str| value.get(member).and_then(Value::text).unwrap_or_default().to_string();
        let size = |member: &str| value.at(&["flavor", member]).and_then(Value::int).unwrap_or(0);
        Node {
            id: text("id"),
            name: text("name"),
            group: text("group"),
            role: text("role"),
            ordinal: value.get("ordinal").and_then(Value::int).unwrap_or(0),
            zone: text("zone"),
            host: text("host"),
            address: text("address"),
            state: text("state"),
            flavor: Flavor { cpu: size("cpu"), memory: size("memory"), disk: size("disk") },
        }
    }
}

impl Endpoint {
    fn of(value: &Value) -> Endpoint {
        let addresses = value.get("addresses").and_then(Value::array).unwrap_or(&[]);
        Endpoint {
            name: value.get("name").and_then(Value::text).unwrap_or_default().into(),
            addresses: addresses.iter().filter_map(Value::text).map(Into::into).collect(),
            port: value.get("port").and_then(Value::int).unwrap_or(0),
        }
    }
}
