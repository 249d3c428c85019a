// SPDX-License-Identifier: Apache-2.0

//! What a cluster can do beside the verbs.

use crate::configuration::PID_FILE;
use crate::server::ask;
use impresario::*;
use std::time::{Duration, Instant};

operation! {
    /// A part of `/varz`.
    pub server_info = "server-info", "What one server tells of itself.", READONLY | IDEMPOTENT;
    in node: NodeId, "Which server.";
    out info: Value, "Version, start, load, traffic, storage.";
    |call| -> Result<Value> {
        let varz = told(call, call.context().node(&node.0)?, "/varz")?;
        let members = [
            "server_id", "server_name", "version", "start", "uptime", "cpu", "mem", "connections", "total_connections", "routes", "subscriptions", "slow_consumers",
            "in_msgs", "out_msgs", "in_bytes", "out_bytes", "jetstream",
        ];
        Ok(members.iter().fold(Value::object(), |info, member| info.with(member, varz.get(member).cloned())))
    }
}

operation! {
    /// A part of `/connz`.
    pub connections = "connections", "Who is connected to one server.", READONLY | IDEMPOTENT;
    in node: NodeId, "Which server.";
    in limit: u32, "How many are told at most, the busiest first.", default "20", schema r#"{"minimum": 1, "maximum": 1000}"#;
    out connections: Value, "Address, user, client library, traffic.";
    out total: u32, "How many there are.";
    |call| -> Result<(Value, u32)> {
        let connz = told(call, call.context().node(&node.0)?, &format!("/connz?auth=1&sort=msgs_to&limit={limit}"))?;
        let members = ["cid", "ip", "port", "authorized_user", "account", "name", "lang", "version", "start", "subscriptions", "in_msgs", "out_msgs"];
        let rows = connz.get("connections").and_then(Value::array).unwrap_or(&[]).iter();
        let list = rows.map(|row| members.iter().fold(Value::object(), |short, member| short.with(member, row.get(member).cloned()))).collect();
        Ok((list, connz.get("total").and_then(Value::int).and_then(|total| total.try_into().ok()).unwrap_or(0)))
    }
}

operation! {
    /// For maintenance: nobody is cut off in the middle of a request.
    pub lame_duck = "lame-duck", "One server sends its clients to the others, ends and starts anew.", LONG;
    in node: NodeId, "Which server.";
    in within: Duration, "How long that may take.", default "\"90s\"";
    out took: Duration, "How long it took.";
    |call| -> Result<Duration> {
        let node = call.context().node(&node.0)?;
        let begin = Instant::now();
        let before = told(call, node, "/varz")?.get("server_id").cloned();
        drain(call, node, within)?;
        let is_back = call.poll(within.saturating_sub(begin.elapsed()), Duration::from_millis(200), || {
            Ok(ask(call, node, &["/varz"])?.first().is_some_and(|varz| varz.get("server_id") != before.as_ref()))
        })?;
        if is_back {
            Ok(begin.elapsed())
        } else {
            Err(Problem::unavailable("nats.lame-duck", format!("{} did not come back within {} s.", node.name, within.as_secs())))
        }
    }
}

/// The server sends its clients away, a few at a time over half a minute, and ends. The supervisor starts it again.
pub fn drain(call: &Call, node: &Node, within: Duration) -> Result<()> {
    let Some(before) = ask(call, node, &["/varz"])?.pop() else {
        return Ok(());
    };
    let outcome = call.run(&Command::new(node, ["nats-server", "--signal", &format!("ldm={PID_FILE}")]))?;
    if !outcome.succeeded() {
        return Err(Problem::unavailable("nats.lame-duck", format!("The server on {} takes no signal.", node.name)).detail(outcome.complaint()));
    }
    call.progress(0.3, &format!("{} sends its clients to the others", node.name));
    let has_ended = call.poll(within, Duration::from_millis(200), || {
        Ok(ask(call, node, &["/varz"])?.first().is_none_or(|varz| varz.get("server_id") != before.get("server_id")))
    })?;
    if !has_ended {
        call.log(Severity::Notice, &format!("{} still has clients after {} s", node.name, within.as_secs()));
    }
    Ok(())
}

fn told(call: &Call, node: &Node, path: &str) -> Result<Value> {
    ask(call, node, &[path])?.pop().ok_or_else(|| Problem::unavailable("nats.silent", format!("The server on {} does not answer.", node.name)))
}
