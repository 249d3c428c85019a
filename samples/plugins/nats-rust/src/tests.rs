// SPDX-License-Identifier: Apache-2.0

//! What is decided without a server.

use crate::access::{Bindings, Entry, Role};
use crate::configuration;
use crate::diagnosis::diagnose;
use crate::parameters::Parameters;
use crate::server::{moment, Answer, Observation};
use crate::Nats;
use impresario::*;
use std::collections::BTreeMap;

fn context(servers: usize) -> Context {
    let nodes: Value = (0..servers)
        .map(|n| {
            json!({"id": (format!("n{n}")), "name": (format!("web-servers-{n}")), "group": "servers", "role": "server", "ordinal": (n), "address": (format!("10.0.0.{}", n + 2)),
                "state": "joined", "flavor": {"cpu": 500, "memory": 1000, "disk": 4000}})
        })
        .collect();
    let addresses: Value = (0..servers).map(|n| format!("127.0.0.1:{}", 20_000 + n)).collect();
    let document = json!({
        "cluster": {"id": "c1", "name": "web", "params": {"servers": (servers)}}, "nodes": (nodes),
        "endpoints": [{"name": "nats", "addresses": (addresses), "port": 4222}],
    });
    Context::of(&document).unwrap()
}

/// `n` answers, has routes to `peers` and names `leader`.
fn answers(n: usize, peers: &[usize], leader: &str) -> (String, Observation) {
    let routes: Value = peers.iter().map(|peer| json!({"remote_id": (format!("ID{peer}"))})).collect();
    let replicas = json!([{"name": "web-servers-1"}, {"name": "web-servers-2"}]);
    let answer = Answer {
        varz: json!({"server_id": (format!("ID{n}")), "version": "2.9.10", "connections": (n), "jetstream": {"meta": {"leader": leader, "replicas": (replicas)}}}),
        routez: json!({"routes": (routes)}),
        healthz: json!({"status": "ok"}),
    };
    (format!("n{n}"), Observation::Answers(Box::new(answer)))
}

fn conditions(report: &HealthReport) -> Vec<&str> {
    report.conditions.iter().map(|condition| condition.kind.as_str()).collect()
}

#[test]
fn three_servers_that_know_each_other_are_healthy() {
    let seen: BTreeMap<_, _> = [answers(0, &[1, 2], "web-servers-0"), answers(1, &[0, 2], "web-servers-0"), answers(2, &[0, 1], "web-servers-0")].into();
    let report = diagnose(&context(3).nodes, &seen, true);
    assert_eq!((report.health, report.version.as_deref()), (Health::Healthy, Some("2.9.10")), "{report:?}");
    assert!(report.nodes.iter().all(|node| node.state == NodeState::Ready && node.removable == Some(true)));
    assert_eq!(report.nodes.iter().map(|node| node.removal_cost).collect::<Vec<_>>(), [Some(100), Some(1), Some(2)]);
}

#[test]
fn a_lost_server_is_named_and_the_rest_is_degraded() {
    let mut seen: BTreeMap<_, _> = [answers(0, &[1], "web-servers-1"), answers(1, &[0], "web-servers-1")].into();
    seen.insert("n2".into(), Observation::Unreachable("It does not run.".into()));
    let report = diagnose(&context(3).nodes, &seen, true);
    assert_eq!((report.health, conditions(&report)), (Health::Degraded, vec!["ServerDown", "QuorumAtRisk"]));
    assert!(report.conditions[0].message.contains("web-servers-2"));
    assert_eq!(report.nodes.iter().map(|node| node.state).collect::<Vec<_>>(), [NodeState::Ready, NodeState::Ready, NodeState::Down]);
    assert_eq!(report.nodes.iter().map(|node| node.removable).collect::<Vec<_>>(), [Some(false), Some(false), Some(true)]);
}

#[test]
fn without_a_majority_streams_are_lost_and_plain_messages_are_not() {
    let seen: BTreeMap<_, _> = [answers(0, &[], ""), ("n1".into(), Observation::Silent), ("n2".into(), Observation::Silent)].into();
    let report = diagnose(&context(3).nodes, &seen, true);
    assert_eq!((report.health, conditions(&report)), (Health::Unhealthy, vec!["ServerDown", "ServerDown", "QuorumLost"]));
    assert_eq!(diagnose(&context(3).nodes, &seen, false).health, Health::Degraded);
    assert_eq!(diagnose(&context(3).nodes, &BTreeMap::new(), false).health, Health::Unhealthy);
}

#[test]
fn a_missing_route_and_a_foreign_peer_are_named() {
    let seen: BTreeMap<_, _> = [answers(0, &[1, 2], "web-servers-0"), answers(1, &[0], "web-servers-0"), answers(2, &[0, 1], "web-servers-0")].into();
    let report = diagnose(&context(3).nodes, &seen, true);
    assert_eq!((report.health, conditions(&report)), (Health::Degraded, vec!["RoutesMissing"]));
    assert!(report.conditions[0].message.contains("web-servers-1 to web-servers-2"));
    // A quorum that is larger than the cluster is told, and no reason for alarm while there is a leader.
    let two: BTreeMap<_, _> = [answers(0, &[1], "web-servers-0"), answers(1, &[0], "web-servers-0")].into();
    let report = diagnose(&context(2).nodes, &two, true);
    assert_eq!((report.health, conditions(&report)), (Health::Healthy, vec!["ForeignPeer"]));
}

#[test]
fn files_hold_living_users_only_and_are_the_same_each_time() {
    let entry = |role, is_revoked| Entry { role, expires: i64::MAX / 2, is_revoked };
    let bindings = Bindings(
        [
            ("b1".into(), entry(Role::Client, false)),
            ("b2".into(), entry(Role::Client, true)),
            ("b3".into(), entry(Role::Subscriber, false)),
            ("b4".into(), entry(Role::Operator, false)),
        ]
        .into(),
    );
    assert_eq!(Bindings::of(&bindings.json()), bindings);
    let context = context(3);
    let file = configuration::server(&context, &context.nodes[0], &bindings, &[]).unwrap();
    assert_eq!(file, configuration::server(&context, &context.nodes[0], &bindings, &[]).unwrap());
    assert!(file.contains("SYS { users: [{ user: \"CN=nobody\" }, { user: \"CN=binding-b4\" }] }"), "{file}");
    assert!(file.contains("{ user: \"CN=binding-b1\" }, { user: \"CN=binding-b3\", permissions: { publish: { deny: [\">\"] } } }"), "{file}");
    assert!(!file.contains("b2") && file.contains("client_advertise: \"127.0.0.1:20000\"") && !file.contains("nats://10.0.0.2:"), "{file}");
    assert!(file.contains("nats://10.0.0.3:6222") && file.contains("nats://10.0.0.4:6222"));
    let smaller = configuration::server(&context, &context.nodes[0], &bindings, &context.nodes[2..]).unwrap();
    assert!(smaller.contains("nats://10.0.0.3:6222") && !smaller.contains("nats://10.0.0.4:6222"));
    // One server has nobody to talk to.
    assert!(!configuration::server(&self::context(1), &context.nodes[0], &bindings, &[]).unwrap().contains("cluster {"));
}

#[test]
fn parameters_get_defaults_and_even_numbers_are_refused() {
    let parameters = Parameters::of(&json!({})).unwrap();
    assert_eq!(parameters.json().to_string(), r#"{"flavor":"small","jetstream":true,"maxPayload":1048576,"servers":3}"#);
    let problem = Parameters::of(&json!({"servers": 2})).unwrap_err();
    assert_eq!((problem.status, problem.field.as_str()), (Status::INVALID, "/servers"));
    let plan = Nats::plan(&context(5)).unwrap();
    assert_eq!((plan.groups[0].count, plan.endpoints[0].port), (5, 4222));
    assert_eq!(Nats::operations().len(), 3);
}

#[test]
fn moments_are_compared_with_all_their_digits() {
    assert!(moment("2026-11-25T10:21:11.9Z") > moment("2026-11-25T10:21:11.888529180\n"));
    assert!(moment("2026-11-25T10:21:12Z") > moment("2026-11-25T10:21:11.999999999"));
    assert_eq!(moment("2026-11-25T10:21:11.5Z"), moment("2026-11-25T10:21:11.500000000"));
}
