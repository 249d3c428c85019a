// SPDX-License-Identifier: Apache-2.0

//! The files of one server, made from what is so now: parameters, nodes, bindings. The same input gives the same bytes, so a difference means that something
//! must be told to the server.

use crate::access::{Bindings, Role};
use crate::parameters::{Parameters, CLIENT_PORT, ENDPOINT, MONITOR_PORT, ROUTE_PORT};
use impresario::*;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

pub const FOLDER: &str = "/etc/nats";
pub const PID_FILE: &str = "/run/nats/server.pid";

const SERVER_LIFETIME: Duration = Duration::from_secs(10 * 365 * 86_400);

/// Name and content, below [`FOLDER`].
pub type Files = Vec<(&'static str, String)>;

/// Certificates come from the core: the same ones each time.
pub fn files(call: &Call, node: &Node, bindings: &Bindings) -> Result<Files> {
    files_without(call, node, bindings, &[])
}

/// The same as if some nodes were not there any more.
pub fn files_without(call: &Call, node: &Node, bindings: &Bindings, gone: &[Node]) -> Result<Files> {
    let context = call.context();
    let (dns, ips) = names(context, node);
    let digest = digest(dns.iter().chain(&ips).map(String::as_str));
    let profile = |authority: &str, usages: Vec<Usage>| CertificateProfile {
        authority: authority.into(),
        common_name: node.name.clone(),
        dns: dns.clone(),
        ips: ips.clone(),
        usages,
        ttl: Some(SERVER_LIFETIME),
        ..Default::default()
    };
    let own = call.key_pair(&format!("server-{}-{digest}", node.id), &profile("servers", vec![Usage::Server]))?;
    // Each server is client and server of the others.
    let route = call.key_pair(&format!("route-{}-{digest}", node.id), &profile("routes", vec![Usage::Server, Usage::Client]))?;
    let clients = call.key_pair(
        "clients-authority",
        &CertificateProfile { authority: "clients".into(), is_authority: true, common_name: "clients".into(), ..Default::default() },
    )?;
    Ok(vec![
        ("server.conf", server(context, node, bindings, gone)?),
        ("server.pem", own.cert),
        ("server-key.pem", own.key),
        ("clients-ca.pem", clients.ca),
        ("route.pem", route.cert),
        ("route-key.pem", route.key),
        ("routes-ca.pem", route.ca),
    ])
}

/// The names and addresses that a server's certificate must bear: its own, and those that tenants reach it by.
fn names(context: &Context, node: &Node) -> (Vec<String>, Vec<String>) {
    let mut dns = BTreeSet::from(["localhost".to_string(), node.name.clone()]);
    let mut ips = BTreeSet::from(["127.0.0.1".to_string(), node.address.clone()]);
    let addresses = context.endpoints.iter().filter(|endpoint| endpoint.name == ENDPOINT).flat_map(|endpoint| &endpoint.addresses);
    for (host, _) in addresses.filter_map(|address| address.rsplit_once(':')) {
        let host = host.trim_matches(['[', ']']).to_string();
        if host.parse::<IpAddr>().is_ok() {
            ips.insert(host);
        } else {
            dns.insert(host);
        }
    }
    (dns.into_iter().collect(), ips.into_iter().collect())
}

/// JSON is valid in NATS configuration files, so texts are quoted by the SDK's printer.
pub fn server(context: &Context, node: &Node, bindings: &Bindings, gone: &[Node]) -> Result<String> {
    let parameters = Parameters::of(&context.params)?;
    let quoted = |text: &str| Value::from(text).to_string();
    let pem = |name: &str| quoted(&format!("{FOLDER}/{name}"));
    let mut lines = vec![
        format!("server_name: {}", quoted(&node.name)),
        format!("listen: \"{}:{CLIENT_PORT}\"", node.address),
        format!("http: \"127.0.0.1:{MONITOR_PORT}\""),
        format!("pid_file: {}", quoted(PID_FILE)),
        format!("max_payload: {}", parameters.max_payload),
        "lame_duck_duration: \"30s\"".into(),
        "lame_duck_grace_period: \"1s\"".into(),
        format!(
            "tls {{ cert_file: {}, key_file: {}, ca_file: {}, verify_and_map: true, timeout: 5 }}",
            pem("server.pem"),
            pem("server-key.pem"),
            pem("clients-ca.pem")
        ),
        "system_account: SYS".into(),
    ];
    // Otherwise clients would be told addresses of the project's own network.
    if let Some(address) = context.tenant_address(ENDPOINT, node) {
        lines.push(format!("client_advertise: {}", quoted(address)));
    }
    lines.push("accounts {".into());
    lines.push(format!("  SYS {{ users: [{}] }}", users(bindings, true)));
    lines.push(format!("  TENANT {{ {}users: [{}] }}", if parameters.jetstream { "jetstream: enabled, " } else { "" }, users(bindings, false)));
    lines.push("}".into());
    if parameters.jetstream {
        let (memory, disk) = (node.flavor.memory / 4, node.flavor.disk / 4 * 3);
        lines.push(format!("jetstream {{ store_dir: \"/var/lib/nats\", max_memory_store: {memory}, max_file_store: {disk} }}"));
    }
    if parameters.servers > 1 {
        lines.push("cluster {".into());
        lines.push(format!("  name: {}, listen: \"{}:{ROUTE_PORT}\"", quoted(&context.cluster_id), node.address));
        lines.push(format!(
            "  tls {{ cert_file: {}, key_file: {}, ca_file: {}, verify: true, timeout: 5 }}",
            pem("route.pem"),
            pem("route-key.pem"),
            pem("routes-ca.pem")
        ));
        if context.tenant_address(ENDPOINT, node).is_none() {
            lines.push("  no_advertise: true".into());
        }
        lines.push("  routes: [".into());
        for peer in context.nodes.iter().filter(|peer| peer.id != node.id && peer.state != "lost" && !gone.iter().any(|other| other.id == peer.id)) {
            lines.push(format!("    \"nats://{}:{ROUTE_PORT}\"", peer.address));
        }
        lines.push("  ]".into());
        lines.push("}".into());
    }
    Ok(lines.join("\n") + "\n")
}

/// One entry for each living binding. The first is nobody's: without any user the server would ask for none.
fn users(bindings: &Bindings, of_system: bool) -> String {
    let mut entries = Vec::new();
    if of_system {
        entries.push(r#"{ user: "CN=nobody" }"#.to_string());
    }
    for (binding, entry) in bindings.living() {
        if (entry.role == Role::Operator) != of_system {
            continue;
        }
        let permissions = if entry.role == Role::Subscriber { ", permissions: { publish: { deny: [\">\"] } }" } else { "" };
        entries.push(format!("{{ user: {}{permissions} }}", Value::from(format!("CN={}", Bindings::common_name(binding)))));
    }
    entries.join(", ")
}

/// Tells one list of texts from another (FNV-1a, 64 bits); no protection against somebody who wants two to be alike.
pub fn digest<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in texts.flat_map(|text| text.bytes().chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    }
    format!("{hash:016x}")
}
