// SPDX-License-Identifier: Apache-2.0

//! What verbs answer.

use crate::{json, Value};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What `validate` answers.
#[derive(Clone, Debug, Default)]
pub struct Validated {
    /// The parameters with defaults filled in: what is recorded and shown to every later call.
    pub params: Value,
    /// For the tenant; the cluster is made all the same.
    pub warnings: Vec<String>,
}

/// What `plan` answers: the nodes that the core shall make and the ports that tenants shall reach.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The nodes.
    pub groups: Vec<Group>,
    /// The ports.
    pub endpoints: Vec<PlannedEndpoint>,
    /// The engine's version, if it is known before it runs; otherwise `health` tells.
    pub version: Option<String>,
}

/// Nodes of one role and size.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// A DNS label.
    pub name: String,
    /// Shown in [`crate::Node::role`].
    pub role: String,
    /// How many nodes.
    pub count: i64,
    /// The name of a node size that the admin made.
    pub flavor: String,
    /// Debian packages, each listed in the plugin's. Their post-install scripts do not run.
    pub packages: Vec<String>,
    /// How many may join at once; 1 for members of a quorum.
    pub batch: Option<i64>,
    /// How they shall lie.
    pub spread: Option<Spread>,
}

/// How nodes of a group shall lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// On different hosts as far as there are.
    PreferHosts,
    /// On different hosts, or not at all.
    RequireHosts,
    /// In different zones as far as there are.
    PreferZones,
    /// In different zones, or not at all.
    RequireZones,
}

/// From where a port is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// Where tenants are.
    Tenant,
    /// Within the project's network only.
    Cluster,
}

/// A port of a group's nodes.
#[derive(Clone, Debug)]
pub struct PlannedEndpoint {
    /// A DNS label.
    pub name: String,
    /// The group whose nodes answer.
    pub group: String,
    /// On the node.
    pub port: i64,
    /// From where it is reached.
    pub expose: Exposure,
}

/// Of the cluster as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It cannot be told.
    Unknown,
    /// All of it works.
    Healthy,
    /// It works, but something of it does not.
    Degraded,
    /// It does not do its work.
    Unhealthy,
}

/// A fact that the cluster's owner should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// CamelCase, stable.
    pub kind: String,
    /// `info`, `warning` or `error`.
    pub severity: &'static str,
    /// What is so, and what would do.
    pub message: String,
}

/// A node as a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum NodeState {
    Ready,
    Starting,
    Draining,
    Down,
    Unknown,
}

/// One node as the engine sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeReport {
    /// The node's.
    pub id: String,
    /// As a member.
    pub state: NodeState,
    /// Whether the cluster goes on without it.
    pub removable: Option<bool>,
    /// Of two removable nodes the one with the lower cost goes first.
    pub removal_cost: Option<i64>,
    /// Why it is not ready or not removable.
    pub reason: Option<String>,
}

/// What `health` answers.
#[derive(Clone, Debug)]
pub struct HealthReport {
    /// Of the cluster as a whole.
    pub health: Health,
    /// Facts that the owner should know.
    pub conditions: Vec<Condition>,
    /// One entry for each node of the document.
    pub nodes: Vec<NodeReport>,
    /// The engine's version.
    pub version: Option<String>,
}

/// What `credentials` answers: what the engine's own client needs.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// File name (no folders) to content.
    pub files: BTreeMap<String, String>,
    /// Environment; `${dir}` stands for the folder the files are written to.
    pub env: BTreeMap<String, String>,
    /// RFC 3339, such as `2026-01-31T12:00:00Z`.
    pub expires_at: Option<String>,
}

/// Optional members are left out when there is nothing to say.
fn optional(object: Value, member: &str, value: Option<impl Into<Value>>) -> Value {
    match value {
        Some(value) => object.with(member, value),
        None => object,
    }
}

impl Validated {
    pub(crate) fn json(self) -> Value {
        json!({"params": (self.params), "warnings": (self.warnings)})
    }
}

impl Plan {
    /// The document.
    pub fn json(self) -> Value {
        let groups: Value = self.groups.into_iter().map(Group::json).collect();
        let endpoints: Value = self.endpoints.into_iter().map(PlannedEndpoint::json).collect();
        optional(json!({"groups": (groups), "endpoints": (endpoints)}), "version", self.version)
    }
}

impl Group {
    fn json(self) -> Value {
        let group = json!({
            "name": (self.name), "role": (self.role), "count": (self.count), "flavor": (self.flavor), "packages": (self.packages),
        });
        let spread = self.spread.map(|spread| {
            let (by, mode) = match spread {
                Spread::PreferHosts => ("host", "prefer"),
                Spread::RequireHosts => ("host", "require"),
                Spread::PreferZones => ("zone", "prefer"),
                Spread::RequireZones => ("zone", "require"),
            };
            json!({"by": by, "mode": mode})
        });
        optional(optional(group, "batch", self.batch), "spread", spread)
    }
}

impl PlannedEndpoint {
    fn json(self) -> Value {
        let expose = match self.expose {
            Exposure::Tenant => "tenant",
            Exposure::Cluster => "cluster",
        };
        json!({"name": (self.name), "group": (self.group), "port": (self.port), "expose": expose})
    }
}

impl HealthReport {
    /// The document.
    pub fn json(self) -> Value {
        let health = match self.health {
            Health::Unknown => "unknown",
            Health::Healthy => "healthy",
            Health::Degraded => "degraded",
            Health::Unhealthy => "unhealthy",
        };
        let conditions: Value = self.conditions.into_iter().map(Condition::json).collect();
        let nodes: Value = self.nodes.into_iter().map(NodeReport::json).collect();
        optional(json!({"health": health, "conditions": (conditions), "nodes": (nodes)}), "version", self.version)
    }
}

impl Condition {
    /// A condition that should be looked at.
    pub fn warning(kind: &str, message: impl Into<String>) -> Condition {
        Condition { kind: kind.into(), severity: "warning", message: message.into() }
    }

    /// A condition that keeps the cluster from its work.
    pub fn error(kind: &str, message: impl Into<String>) -> Condition {
        Condition { kind: kind.into(), severity: "error", message: message.into() }
    }

    fn json(self) -> Value {
        json!({"type": (self.kind), "severity": (self.severity), "message": (self.message)})
    }
}

impl NodeReport {
    /// A report of a state, and why when it is not ready.
    pub fn new(id: &str, state: NodeState, reason: Option<String>) -> NodeReport {
        NodeReport { id: id.into(), state, removable: None, removal_cost: None, reason }
    }

    fn json(self) -> Value {
        let state = match self.state {
            NodeState::Ready => "ready",
            NodeState::Starting => "starting",
            NodeState::Draining => "draining",
            NodeState::Down => "down",
            NodeState::Unknown => "unknown",
        };
        let report = optional(json!({"id": (self.id), "state": state}), "removable", self.removable);
        optional(optional(report, "removal_cost", self.removal_cost), "reason", self.reason)
    }
}

impl Credentials {
    /// The same with `expires_at` that much after now.
    pub fn expiring_in(mut self, lifetime: Duration) -> Credentials {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.expires_at = Some(rfc3339((now + lifetime).as_secs()));
        self
    }

    pub(crate) fn json(self) -> Value {
        let texts = |texts: BTreeMap<String, String>| Value::Object(texts.into_iter().map(|(name, text)| (name, Value::Text(text))).collect());
        optional(json!({"files": (texts(self.files)), "env": (texts(self.env))}), "expires_at", self.expires_at)
    }
}

/// UTC, from seconds since 1970.
fn rfc3339(seconds: u64) -> String {
    let (mut days, rest) = ((seconds / 86_400) as i64, seconds % 86_400);
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut year = 1970;
    while days >= 365 + i64::from(is_leap(year)) {
        days -= 365 + i64::from(is_leap(year));
        year += 1;
    }
    let lengths = [31, 28 + i64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    format!("{year:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", month + 1, days + 1, rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn times_are_told_as_rfc_3339() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_735_689_600, "2025-01-01T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(seconds), text);
        }
    }
}
