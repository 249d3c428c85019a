// SPDX-License-Identifier: Apache-2.0

use crate::{Call, Context, Credentials, CredentialsRequest, HealthReport, LeaveRequest, Node, Operation, Plan, Result, Validated, Value};

/// What a type says of itself.
#[derive(Clone, Debug, Default)]
pub struct TypeInfo {
    /// A DNS label: what tenants type after `--type`.
    pub id: &'static str,
    /// For people.
    pub name: &'static str,
    /// One line.
    pub summary: &'static str,
    /// Markdown, or empty.
    pub description: &'static str,
    /// DNS labels.
    pub capabilities: Vec<&'static str>,
    /// JSON Schema of the parameters, an object. Properties become flags of the command line: give each a title and a description.
    pub create_schema: Value,
    /// JSON Schema of the parameters that may be changed later; None for none.
    pub update_schema: Option<Value>,
    /// JSON Schema of the arguments of `credentials`; None for none.
    pub binding_schema: Option<Value>,
}

/// A kind of cluster: what an author writes.
///
/// Functions block; a guest runs one call at a time on one thread. Each may be called again with the same operation and a higher attempt after one that
/// ended anywhere, and must go on from what it finds.
pub trait ClusterType: 'static {
    /// What it says of itself.
    fn info() -> TypeInfo;
    /// Operations beside the verbs, made by [`crate::operation!`].
    fn operations() -> Vec<Operation> {
        Vec::new()
    }
    /// [pure] Checks what the schema cannot say and fills in defaults. `context.params` are the tenant's.
    fn validate(context: &Context) -> Result<Validated>;
    /// [pure] The same context gives the same plan.
    fn plan(context: &Context) -> Result<Plan>;
    /// [write] Makes the smallest working cluster out of the nodes of the context and answers the ids of those that joined.
    fn bootstrap(call: &Call) -> Result<Vec<String>>;
    /// [read] From the engine's own API. Called every few seconds.
    fn health(call: &Call) -> Result<HealthReport>;
    /// [write] Takes back what lives outside the nodes; the core destroys those in any case.
    fn destroy(_call: &Call) -> Result<()> {
        Ok(())
    }
}

/// A type whose clusters can grow and shrink, and whose lost nodes can be replaced.
pub trait Membership: ClusterType {
    /// [write] Makes further nodes members and answers the ids of those that are.
    fn join(call: &Call, nodes: &[Node]) -> Result<Vec<String>>;
    /// [write] Takes nodes out. Nodes that left already are no error.
    fn leave(call: &Call, request: &LeaveRequest) -> Result<()>;
}

/// A type that gives tenants credentials and takes them back.
pub trait Bindings: ClusterType {
    /// [write] What a tenant needs to use the cluster with the engine's own client.
    fn credentials(call: &Call, request: &CredentialsRequest) -> Result<Credentials>;
    /// [write] What `credentials` gave out for this binding stops working. Repeated calls are no error.
    fn revoke(call: &Call, binding: &str) -> Result<()>;
}

/// A type whose parameters can be changed on a running cluster.
pub trait Configurable: ClusterType {
    /// [write] Also called after the cluster moved to another version of the plugin, then with equal parameters.
    fn configure(call: &Call, old: &Value, new: &Value) -> Result<()>;
}

/// A type whose engine can be upgraded.
pub trait Upgradable: ClusterType {
    /// [write] One phase (`args.phase`: `prepare`, `nodes` or `finish`); the core makes surge nodes and loops.
    fn upgrade(call: &Call) -> Result<()>;
}

/// A type with state that older versions of the plugin wrote in another form.
pub trait Migrating: ClusterType {
    /// [write] Rewrites the state of one cluster.
    fn migrate(call: &Call, from: i64, to: i64) -> Result<()>;
}
