// SPDX-License-Identifier: Apache-2.0

//! NATS with JetStream as a cluster type: servers that are joined by mutually authenticated routes, and tenants that come with a certificate each, which can be
//! taken back while the others stay connected.

mod access;
mod configuration;
mod diagnosis;
mod membership;
mod operations;
mod parameters;
mod server;
#[cfg(test)]
mod tests;

use impresario::*;

/// The cluster type.
pub struct Nats;

impl ClusterType for Nats {
    fn info() -> TypeInfo {
        TypeInfo {
            id: "nats",
            name: "NATS",
            summary: "NATS servers with JetStream, TLS and a certificate for each client.",
            description: "\
Servers in one cluster, each reachable from outside. With three or five servers and JetStream, streams can have replicas and the cluster keeps its state by quorum.

Clients come with the certificate that `credentials` gives out (`NATS_URL`, `NATS_CA`, `NATS_CERT`, `NATS_KEY`, as the `nats` command reads them). Roles: `client` may do \
everything in the cluster's one account, `subscriber` may only listen, `operator` belongs to the system account and sees the servers.",
            capabilities: vec!["repair", "bindings"],
            create_schema: parameters::schema(),
            binding_schema: Some(access::schema()),
            ..Default::default()
        }
    }

    fn operations() -> Vec<Operation> {
        vec![operations::server_info(), operations::connections(), operations::lame_duck()]
    }

    fn validate(context: &Context) -> Result<Validated> {
        let parameters = parameters::Parameters::of(&context.params)?;
        Ok(Validated { params: parameters.json(), warnings: parameters.warnings() })
    }

    fn plan(context: &Context) -> Result<Plan> {
        Ok(parameters::Parameters::of(&context.params)?.plan())
    }

    fn bootstrap(call: &Call) -> Result<Vec<String>> {
        membership::bootstrap(call)
    }

    fn health(call: &Call) -> Result<HealthReport> {
        let context = call.context();
        let parameters = parameters::Parameters::of(&context.params)?;
        Ok(diagnosis::diagnose(&context.nodes, &server::observe(call, &context.nodes)?, parameters.jetstream))
    }
}

impl Membership for Nats {
    fn join(call: &Call, nodes: &[Node]) -> Result<Vec<String>> {
        membership::join(call, nodes)
    }

    fn leave(call: &Call, request: &LeaveRequest) -> Result<()> {
        membership::leave(call, request)
    }
}

impl Bindings for Nats {
    fn credentials(call: &Call, request: &CredentialsRequest) -> Result<Credentials> {
        access::credentials(call, request)
    }

    fn revoke(call: &Call, binding: &str) -> Result<()> {
        access::revoke(call, binding)
    }
}

impl Configurable for Nats {
    /// After another version of this plugin took over: the files of this version. Parameters do not change.
    fn configure(call: &Call, _: &Value, _: &Value) -> Result<()> {
        membership::converge(call, &membership::existing(call.context()))
    }
}

impresario::plugin! {
    id: "nats", version: env!("CARGO_PKG_VERSION"), vendor: "Impresario", license: "Apache-2.0", packages: ["nats-server"],
    types: [TypeEntry::of::<Nats>().with_membership::<Nats>().with_bindings::<Nats>().with_configure::<Nats>()],
}
