// SPDX-License-Identifier: Apache-2.0

//! Servers become one cluster by what their files say; what is so is asked from them, so an interrupted attempt goes on where it was.

use crate::access::Bindings;
use crate::diagnosis::diagnose;
use crate::parameters::Parameters;
use crate::{configuration, server};
use impresario::*;
use std::time::Duration;

pub fn bootstrap(call: &Call) -> Result<Vec<String>> {
    let nodes = existing(call.context());
    converge(call, &nodes)?;
    call.progress(0.6, &format!("Waiting for {} servers to find each other", nodes.len()));
    let joined = await_ready(call, &nodes)?;
    if joined.len() < nodes.len() {
        call.log(Severity::Warning, &format!("{} of {} servers are not ready yet", nodes.len() - joined.len(), nodes.len()));
    }
    Ok(joined)
}

pub fn join(call: &Call, nodes: &[Node]) -> Result<Vec<String>> {
    // The members learn of the new ones as well.
    converge(call, &existing(call.context()))?;
    await_ready(call, &nodes.iter().collect::<Vec<_>>())
}

/// A server that is lost is forgotten by the survivors' files; a replacement bears its name and takes its place in JetStream's quorum. One that can be asked
/// hands its clients over first.
pub fn leave(call: &Call, request: &LeaveRequest) -> Result<()> {
    let is_leaving = |node: &&Node| request.nodes.iter().any(|leaving| leaving.id == node.id);
    let context = call.context();
    let staying: Vec<&Node> = existing(context).into_iter().filter(|node| !is_leaving(node)).collect();
    if staying.is_empty() {
        return Err(Problem::new(Status::PRECONDITION, "nats.last-server", "The last server cannot leave; delete the cluster instead.").owner(Owner::Tenant));
    }
    if !request.is_lost {
        for node in &request.nodes {
            crate::operations::drain(call, node, request.drain_time.unwrap_or(Duration::from_secs(30)))?;
            let mut service = Service::running("nats", [] as [&str; 0]);
            service.state = ServiceState::Absent;
            call.declare(&service, &[node])?;
        }
    }
    let bindings = Bindings::read(call)?;
    for node in staying {
        // As if those that leave were gone already.
        let files = configuration::files_without(call, node, &bindings, &request.nodes)?;
        server::apply(call, node, &files)?;
    }
    Ok(())
}

/// Those that are there, also those that sleep.
pub fn existing(context: &Context) -> Vec<&Node> {
    context.nodes.iter().filter(|node| !matches!(node.state.as_str(), "lost" | "planned")).collect()
}

/// Every one of these servers runs with the files that are right now.
pub fn converge(call: &Call, nodes: &[&Node]) -> Result<()> {
    let bindings = Bindings::read(call)?;
    for (done, node) in nodes.iter().enumerate() {
        call.progress(0.1 + 0.4 * done as f64 / nodes.len() as f64, &format!("Setting up {}", node.name));
        server::apply(call, node, &configuration::files(call, node, &bindings)?)?;
    }
    Ok(())
}

/// Ids of those nodes that are ready, after waiting for all to be.
fn await_ready(call: &Call, nodes: &[&Node]) -> Result<Vec<String>> {
    let context = call.context();
    let parameters = Parameters::of(&context.params)?;
    let mut ready = Vec::new();
    call.poll(Duration::from_secs(60), Duration::from_millis(200), || {
        let report = diagnose(&context.nodes, &server::observe(call, &context.nodes)?, parameters.jetstream);
        let is_ready = |id: &str| report.nodes.iter().any(|node| node.id == id && node.state == NodeState::Ready);
        ready = nodes.iter().filter(|node| is_ready(&node.id)).map(|node| node.id.clone()).collect();
        Ok(ready.len() == nodes.len() && report.health != Health::Unhealthy)
    })?;
    Ok(ready)
}
