// SPDX-License-Identifier: Apache-2.0

//! What observations mean: a pure function from what was seen to a report.

use crate::server::{Answer, Observation};
use impresario::*;
use std::collections::{BTreeMap, BTreeSet};

/// Names of the servers that answer, by the id that each draws when it starts: what routes lead to.
type Servers<'a> = BTreeMap<&'a str, &'a str>;

pub fn diagnose(nodes: &[Node], seen: &BTreeMap<String, Observation>, jetstream: bool) -> HealthReport {
    let answers: Vec<(&Node, &Answer)> = nodes
        .iter()
        .filter_map(|node| match seen.get(&node.id) {
            Some(Observation::Answers(answer)) => Some((node, answer.as_ref())),
            _ => None,
        })
        .collect();
    let answering: Servers = answers.iter().filter_map(|(node, answer)| Some((answer.varz.get("server_id")?.text()?, node.name.as_str()))).collect();
    let is_cluster = nodes.len() > 1;
    let leaders: BTreeSet<&str> =
        answers.iter().filter_map(|(_, answer)| answer.varz.at(&["jetstream", "meta", "leader"])?.text()).filter(|name| !name.is_empty()).collect();
    let has_quorum = answers.len() > nodes.len() / 2;

    let mut conditions = Vec::new();
    let reports: Vec<NodeReport> = nodes.iter().map(|node| report(node, seen.get(&node.id), &answering)).collect();
    for (node, report) in nodes.iter().zip(&reports) {
        if report.state == NodeState::Down {
            let reason = report.reason.as_deref().unwrap_or_default();
            conditions.push(Condition::warning("ServerDown", format!("{} is down: {reason}", node.name)));
        }
    }
    let missing: Vec<String> =
        answers.iter().flat_map(|(node, answer)| lacking(node, answer, &answering).into_iter().map(|peer| format!("{} to {peer}", node.name))).collect();
    if !missing.is_empty() {
        conditions.push(Condition::warning("RoutesMissing", format!("Servers do not reach each other: {}.", missing.join(", "))));
    }
    let needs_leader = jetstream && is_cluster;
    if needs_leader && (leaders.is_empty() || !has_quorum) {
        conditions.push(Condition::error(
            "QuorumLost",
            format!("{} of {} servers answer and JetStream has no leader: streams cannot be changed. Bring servers back.", answers.len(), nodes.len()),
        ));
    } else if needs_leader && leaders.len() > 1 {
        conditions.push(Condition::warning("LeaderDisputed", format!("The servers name different JetStream leaders: {}.", join(&leaders))));
    } else if needs_leader && answers.len() < nodes.len() {
        let spare = answers.len() - nodes.len() / 2 - 1;
        let more = if spare == 0 { "no further one".to_string() } else { format!("only {spare} more") };
        conditions.push(Condition::warning("QuorumAtRisk", format!("{} of {} servers answer; {more} may fail.", answers.len(), nodes.len())));
    }
    let works = !answers.is_empty() && !(needs_leader && (leaders.is_empty() || !has_quorum));
    let is_whole = reports.iter().all(|report| report.state == NodeState::Ready) && conditions.is_empty();
    // It costs nothing while there is a leader; the quorum is then larger than it looks.
    let strangers = strangers(nodes, &answers);
    if !strangers.is_empty() {
        conditions.push(Condition {
            kind: "ForeignPeer".into(),
            severity: "info",
            message: format!(
                "JetStream still counts {} in its quorum; `nats server raft peer-remove` with credentials of the role operator takes it out.",
                join(&strangers)
            ),
        });
    }
    HealthReport {
        health: if !works {
            Health::Unhealthy
        } else if is_whole {
            Health::Healthy
        } else {
            Health::Degraded
        },
        version: answers.iter().find_map(|(_, answer)| answer.varz.get("version")?.text()).map(Into::into),
        conditions,
        nodes: reports.into_iter().map(|report| rated(report, nodes, &answers, &leaders)).collect(),
    }
}

fn report(node: &Node, seen: Option<&Observation>, answering: &Servers) -> NodeReport {
    let (state, reason) = match seen {
        None if node.state == "planned" => (NodeState::Starting, Some("It is not made yet.".into())),
        None => (NodeState::Down, Some(format!("It is {}.", node.state))),
        Some(Observation::Unreachable(why)) => (NodeState::Down, Some(why.clone())),
        Some(Observation::Silent) => (NodeState::Down, Some("Its server does not answer.".into())),
        Some(Observation::Answers(answer)) => {
            let lacking = lacking(node, answer, answering);
            if !lacking.is_empty() {
                (NodeState::Starting, Some(format!("It has no route to {}.", lacking.join(", "))))
            } else if answer.healthz.get("status").and_then(Value::text) != Some("ok") {
                let why = answer.healthz.get("error").and_then(Value::text).unwrap_or("no reason is told");
                (NodeState::Starting, Some(format!("Its server is not ready: {why}.")))
            } else {
                (NodeState::Ready, None)
            }
        }
    };
    NodeReport::new(&node.id, state, reason)
}

/// Servers that answer and that this one has no route to.
fn lacking(node: &Node, answer: &Answer, answering: &Servers) -> Vec<String> {
    let routes = answer.routez.get("routes").and_then(Value::array).unwrap_or(&[]);
    let reached: BTreeSet<&str> = routes.iter().filter_map(|route| route.get("remote_id")?.text()).collect();
    answering.iter().filter(|(id, name)| **name != node.name && !reached.contains(*id)).map(|(_, name)| name.to_string()).collect()
}

/// Names in JetStream's quorum that are no nodes of this cluster; the leader knows.
fn strangers<'a>(nodes: &[Node], answers: &[(&Node, &'a Answer)]) -> BTreeSet<&'a str> {
    let replicas = answers.iter().filter_map(|(_, answer)| answer.varz.at(&["jetstream", "meta", "replicas"])?.array()).flatten();
    replicas.filter_map(|replica| replica.get("name")?.text()).filter(|name| !nodes.iter().any(|node| node.name == *name)).collect()
}

/// Whether the cluster goes on without it, and how much that would disturb.
fn rated(mut report: NodeReport, nodes: &[Node], answers: &[(&Node, &Answer)], leaders: &BTreeSet<&str>) -> NodeReport {
    let own = answers.iter().find(|(node, _)| node.id == report.id);
    let others = answers.iter().filter(|(node, _)| node.id != report.id).count();
    report.removable = Some(nodes.len() > 1 && others > (nodes.len() - 1) / 2);
    report.removal_cost = own.map(|(node, answer)| {
        let connections = answer.varz.get("connections").and_then(Value::int).unwrap_or(0);
        connections.min(1_000_000) + if leaders.contains(node.name.as_str()) { 100 } else { 0 }
    });
    report
}

fn join(names: &BTreeSet<&str>) -> String {
    names.iter().copied().collect::<Vec<_>>().join(", ")
}
