// SPDX-License-Identifier: Apache-2.0

//! One server in its node: how it runs, how it is asked, how it is told that its files have changed.

use crate::configuration::{self, Files, FOLDER, PID_FILE};
use crate::parameters::MONITOR_PORT;
use impresario::*;
use std::collections::BTreeMap;
use std::time::Duration;

/// What the package's post-install script would have done. Repeating it changes nothing.
const START: &str = "\
set -eu
getent passwd nats >/dev/null || useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin nats
mkdir -p /run/nats /var/lib/nats
chown -R nats:nats /run/nats /etc/nats
chown nats:nats /var/lib/nats
rm -f \"$1\"
exec setpriv --reuid=nats --regid=nats --init-groups -- nats-server --config \"$0\"";

/// Digest of the files that the server has read; it is not its own to write.
const APPLIED: &str = "/etc/nats-applied";

/// Answers of the monitoring port, one after the other, each after a record separator. bash is in every node; curl may not be.
const ASK: &str = "for path; do
    exec 3<>/dev/tcp/127.0.0.1/$0 || exit 7
    printf 'GET %s HTTP/1.0\\r\\n\\r\\n' \"$path\" >&3
    printf '\\036'
    cat <&3
    exec 3>&-
done";

/// What a server tells of itself.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub varz: Value,
    pub routez: Value,
    pub healthz: Value,
}

/// What was seen of a node.
#[derive(Clone, Debug)]
pub enum Observation {
    Answers(Box<Answer>),
    /// The node is there, the server is not.
    Silent,
    /// The node is not there, and why.
    Unreachable(String),
}

fn service(node: &Node) -> Service {
    let mut service = Service::running("nats", ["sh", "-c", START, &format!("{FOLDER}/server.conf"), PID_FILE]);
    // Go sees the memory of the host, not of the node.
    service.environment = vec![("GOMEMLIMIT".into(), (node.flavor.memory / 10 * 8).to_string())];
    service
}

/// The server of a node runs with these files. Nothing is done when it does already.
pub fn apply(call: &Call, node: &Node, files: &Files) -> Result<()> {
    call.check_cancelled()?;
    let digest = configuration::digest(files.iter().flat_map(|(name, content)| [*name, content.as_str()]).chain([START]));
    let applied = call.get(node, APPLIED, 64)?;
    if applied.as_deref() == Some(digest.as_bytes()) {
        return Ok(());
    }
    // From here on nobody knows what the server has read, until it says so: also when this attempt ends here.
    call.put(&[File::new(node, APPLIED, "unknown", 0o600)])?;
    let rows: Vec<File> = files.iter().map(|(name, content)| File::new(node, &format!("{FOLDER}/{name}"), content.as_bytes(), 0o600)).collect();
    call.put(&rows)?;
    let is_new = applied.is_none();
    let put_at = if is_new { String::new() } else { clock(call, node)? };
    call.declare(&service(node), &[node])?;
    if !is_new {
        await_read(call, node, &put_at)?;
    }
    call.put(&[File::new(node, APPLIED, digest, 0o600)])
}

/// The node's own time.
fn clock(call: &Call, node: &Node) -> Result<String> {
    let outcome = call.run(&Command::new(node, ["date", "-u", "+%Y-%m-%dT%H:%M:%S.%N"]))?;
    if outcome.succeeded() {
        Ok(moment(&outcome.text()))
    } else {
        Err(Problem::unavailable("nats.node", format!("The node {} does not tell the time.", node.name)).detail(outcome.complaint()))
    }
}

/// The server has read its files after they were put, and says so. One that was started before is told to read them again, once it answers; connections of users
/// that are still there live on.
fn await_read(call: &Call, node: &Node, put_at: &str) -> Result<()> {
    // The files came as root's; a server that starts hands them over itself.
    let script = "chown -R nats:nats /etc/nats && exec nats-server --signal reload=\"$0\"";
    let has_read = call.poll(Duration::from_secs(30), Duration::from_millis(100), || {
        let answer = ask(call, node, &["/varz"])?.pop();
        let Some(read_at) = answer.as_ref().and_then(|varz| varz.get("config_load_time")?.text()) else {
            return Ok(false);
        };
        if moment(read_at).as_str() > put_at {
            return Ok(true);
        }
        call.run(&Command::new(node, ["sh", "-c", script, PID_FILE]))?;
        Ok(false)
    })?;
    if has_read {
        return Ok(());
    }
    let log = call.run(&Command::new(node, ["tail", "-n", "5", "/var/log/nats/current"]))?;
    Err(Problem::unavailable("nats.reload", format!("The server on {} does not take its new configuration.", node.name))
        .detail(log.text())
        .owner(Owner::Plugin))
}

/// A time of RFC 3339 in UTC as text that can be compared: fractions have all nine digits.
pub fn moment(time: &str) -> String {
    let (seconds, fraction) = time.trim().trim_end_matches('Z').split_once('.').unwrap_or((time.trim().trim_end_matches('Z'), ""));
    format!("{seconds}.{fraction:0<9}")
}

/// What the monitoring port says to each path; empty when nothing answers there.
pub fn ask(call: &Call, node: &Node, paths: &[&str]) -> Result<Vec<Value>> {
    Ok(documents(&call.run(&question(node, paths))?, paths.len()))
}

fn question(node: &Node, paths: &[&str]) -> Command {
    let port = MONITOR_PORT.to_string();
    Command::new(node, ["bash", "-c", ASK, &port].into_iter().chain(paths.iter().copied())).timeout(Duration::from_secs(10))
}

fn documents(outcome: &Outcome, expected: usize) -> Vec<Value> {
    let text = outcome.text();
    let answers: Vec<Value> = text.split('\u{1e}').skip(1).filter_map(|answer| json::parse(answer.split_once("\r\n\r\n")?.1).ok()).collect();
    if answers.len() == expected {
        answers
    } else {
        Vec::new()
    }
}

/// By node id. Asked all at once; one by one when a node is not there, since nothing is known of the others then.
pub fn observe(call: &Call, nodes: &[Node]) -> Result<BTreeMap<String, Observation>> {
    let paths = ["/varz", "/routez", "/healthz"];
    let reachable: Vec<&Node> = nodes.iter().filter(|node| node.is_reachable()).collect();
    let commands: Vec<Command> = reachable.iter().map(|node| question(node, &paths)).collect();
    let outcomes: Vec<Result<Outcome>> = match call.execute(&commands) {
        Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
        Err(problem) if problem.status == Status::CANCELLED || problem.status == Status::DEADLINE => return Err(problem),
        Err(_) => commands.iter().map(|command| call.run(command)).collect(),
    };
    call.check_cancelled()?;
    let mut seen = BTreeMap::new();
    for (node, outcome) in reachable.iter().zip(outcomes) {
        let observation = match outcome {
            Err(problem) => Observation::Unreachable(problem.message),
            Ok(outcome) => match <[Value; 3]>::try_from(documents(&outcome, paths.len())) {
                Ok([varz, routez, healthz]) => Observation::Answers(Box::new(Answer { varz, routez, healthz })),
                Err(_) => Observation::Silent,
            },
        };
        seen.insert(node.id.clone(), observation);
    }
    Ok(seen)
}
