// SPDX-License-Identifier: Apache-2.0

//! The cluster type '@NAME@': nodes that each run one daemon, which answers those who know a token with a greeting. It is small, and it is whole: what is here in
//! one place is what every type does. Put your daemon where this one is.
//!
//! Three rules hold for all of it (impresario/plugin.h has the others):
//!   - Every verb may be called again after it ended anywhere. So it asks what is so, or does what can be done twice; it remembers nothing.
//!   - What must be remembered goes to the state and the secrets. Statics end with the process, which may be at any moment.
//!   - A host function that fails says why; `?` is enough.

use impresario::*;
use std::fs::File as LocalFile;
use std::io::Read;
use std::time::Duration;

/// The type; all that it is made of are functions.
struct Kind;

const PORT: u16 = 7000;
/// Where the daemon and what it reads are in a node.
const DAEMON: &str = "/var/lib/@NAME@/daemon";
const GREETING: &str = "/var/lib/@NAME@/greeting";
const TOKENS: &str = "/var/lib/@NAME@/tokens";

/// Nodes have what a Debian base system has; what more your daemon needs, name in the plan's `packages` and in the descriptor's.
const DAEMON_TEXT: &str = include_str!("daemon.pl");

/// In a node: whether its daemon answers. A node that says so itself is ready, whatever we believe.
const CHECK: &str = "exec 3<>/dev/tcp/127.0.0.1/$0 && echo check >&3 && read -r -t 3 line <&3 && [ \"$line\" = 'unknown token' ]";

impl ClusterType for Kind {
    fn info() -> TypeInfo {
        TypeInfo {
            id: "@NAME@",
            name: "@TYPE@",
            summary: "Nodes that greet whoever knows a token.",
            description: "Connect to an endpoint, send a line with the token of your binding, and read the greeting.",
            capabilities: vec!["credentials"],
            create_schema: json!({
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "nodes": {"type": "integer", "minimum": 1, "maximum": 9, "default": 3, "description": "How many nodes."},
                    "greeting": {"type": "string", "minLength": 1, "maxLength": 200, "default": "hello", "description": "What they answer."},
                },
            }),
            ..Default::default()
        }
    }

    fn operations() -> Vec<Operation> {
        vec![set_greeting()]
    }

    /// [pure] The schema above has checked kinds and bounds and filled in defaults; here is what a schema cannot say.
    fn validate(context: &Context) -> Result<Validated> {
        if context.params.get("greeting").and_then(Value::text).is_some_and(|greeting| greeting.contains('\n')) {
            return Err(Problem::invalid("greeting-lines", "/greeting", "A greeting is one line."));
        }
        Ok(Validated { params: context.params.clone(), warnings: Vec::new() })
    }

    /// [pure] How many nodes of what size, and which ports tenants reach. The same parameters always give the same plan.
    fn plan(context: &Context) -> Result<Plan> {
        Ok(Plan {
            groups: vec![Group {
                name: "nodes".into(),
                role: "node".into(),
                count: context.params.get("nodes").and_then(Value::int).unwrap_or(3),
                flavor: "small".into(),
                ..Default::default()
            }],
            endpoints: vec![PlannedEndpoint { name: "greeting".into(), group: "nodes".into(), port: PORT.into(), expose: Exposure::Tenant }],
            version: None,
        })
    }

    /// [write] Sees all nodes and makes the smallest working cluster. No node here waits for another, so that is all of them.
    fn bootstrap(call: &Call) -> Result<Vec<String>> {
        set_up(call, &existing(call.context()))
    }

    /// [read] Every few seconds: one command in each node, all at once.
    fn health(call: &Call) -> Result<HealthReport> {
        let nodes = call.context().reachable();
        let command = |node: &&Node| Command::new(node, ["bash", "-c", CHECK, &PORT.to_string()]).timeout(Duration::from_secs(10));
        let commands: Vec<Command> = nodes.iter().map(command).collect();
        // When one node cannot be reached nothing is known of the others: then they are asked one by one.
        let answers: Vec<Option<Outcome>> = match call.execute(&commands) {
            Ok(outcomes) => outcomes.into_iter().map(Some).collect(),
            Err(problem) if problem.status == Status::UNAVAILABLE || problem.status == Status::NOT_FOUND => commands.iter().map(|one| call.run(one).ok()).collect(),
            Err(problem) => return Err(problem),
        };
        let mut reports = Vec::new();
        for (node, answer) in nodes.iter().zip(answers) {
            reports.push(match answer {
                Some(outcome) if outcome.succeeded() => NodeReport::new(&node.id, NodeState::Ready, None),
                Some(_) => NodeReport::new(&node.id, NodeState::Down, Some("The daemon does not answer.".into())),
                None => NodeReport::new(&node.id, NodeState::Down, Some("The node does not answer.".into())),
            });
        }
        let ready = reports.iter().filter(|report| report.state == NodeState::Ready).count();
        let health = if ready == call.context().nodes.len() {
            Health::Healthy
        } else if ready > 0 {
            Health::Degraded
        } else {
            Health::Unhealthy
        };
        Ok(HealthReport { health, conditions: Vec::new(), nodes: reports, version: None })
    }
}

impl Membership for Kind {
    /// [write] Further nodes become members of a cluster that works.
    fn join(call: &Call, nodes: &[Node]) -> Result<Vec<String>> {
        set_up(call, &nodes.iter().collect::<Vec<_>>())
    }

    /// [write] The core destroys the nodes that leave; here others would be told of it. Nobody needs to know.
    fn leave(_: &Call, _: &LeaveRequest) -> Result<()> {
        Ok(())
    }
}

impl Configurable for Kind {
    /// [write] After parameters changed, and after another version of this plugin took over: the files of this version, and the daemon with them.
    fn configure(call: &Call, _old: &Value, _new: &Value) -> Result<()> {
        set_up(call, &existing(call.context())).map(drop)
    }
}

// The nodes

/// Those that are there. A stopped one is, and takes files when it runs again: until then a call that needs it is to be repeated.
fn existing(context: &Context) -> Vec<&Node> {
    context.nodes.iter().filter(|node| !matches!(node.state.as_str(), "lost" | "planned")).collect()
}

/// Brings nodes to where they should be, from wherever they are: files, then the daemon, which is ready when this returns.
fn set_up(call: &Call, nodes: &[&Node]) -> Result<Vec<String>> {
    let (greeting, tokens) = (greeting(call)?, tokens(call)?.0);
    call.progress(0.1, "putting files");
    put_everywhere(call, nodes, &[(DAEMON, DAEMON_TEXT, 0o755), (GREETING, &greeting, 0o644), (TOKENS, &tokens, 0o600)])?;
    call.progress(0.5, "starting the daemon");
    // One declaration for all nodes at once; the host keeps the daemon alive from then on, also when a node is restarted.
    let service = Service::running("@NAME@", [DAEMON, &PORT.to_string(), GREETING, TOKENS]).ready(Ready::Tcp(PORT, Duration::from_secs(30)));
    call.declare(&service, nodes)?;
    Ok(nodes.iter().map(|node| node.id.clone()).collect())
}

fn put_everywhere(call: &Call, nodes: &[&Node], files: &[(&str, &str, u32)]) -> Result<()> {
    let rows = nodes.iter().flat_map(|node| files.iter().map(|(path, content, mode)| File::new(node, path, content.as_bytes(), *mode)));
    call.put(&rows.collect::<Vec<_>>())
}

// What the cluster remembers

/// What set-greeting said last, or else what the cluster was made with.
fn greeting(call: &Call) -> Result<String> {
    let made_with = || call.context().params.get("greeting").and_then(Value::text).unwrap_or("hello").to_string();
    Ok(call.state("greeting")?.map_or_else(made_with, |(bytes, _)| String::from_utf8_lossy(&bytes).into_owned()))
}

/// Lines "binding token", and the version for a compare-and-swap.
fn tokens(call: &Call) -> Result<(String, u64)> {
    let kept = call.secret("tokens")?;
    Ok(kept.map_or_else(Default::default, |(bytes, version)| (String::from_utf8_lossy(&bytes).into_owned(), version)))
}

fn token_of<'a>(tokens: &'a str, binding: &str) -> Option<&'a str> {
    tokens.lines().find_map(|line| line.strip_prefix(binding)?.strip_prefix(' '))
}

/// Changes the tokens; whoever came between is not overwritten unseen. `change` answers None when nothing is to be done.
fn change_tokens(call: &Call, change: impl Fn(&str) -> Result<Option<String>>) -> Result<String> {
    loop {
        let (tokens, version) = tokens(call)?;
        let Some(changed) = change(&tokens)? else {
            return Ok(tokens);
        };
        match call.put_secret("tokens", changed.as_bytes(), version) {
            Err(problem) if problem.status == Status::CONFLICT => call.check_cancelled()?,
            other => return other.map(|_| changed),
        }
    }
}

// Credentials: each binding has a token of its own

impl Bindings for Kind {
    /// [write] Files and environment for the tenant. The same binding gets the same token again.
    fn credentials(call: &Call, request: &CredentialsRequest) -> Result<Credentials> {
        let tokens = change_tokens(call, |tokens| {
            if token_of(tokens, &request.binding).is_some() {
                return Ok(None);
            }
            Ok(Some(format!("{tokens}{} {}\n", request.binding, random_token()?)))
        })?;
        put_everywhere(call, &existing(call.context()), &[(TOKENS, &tokens, 0o600)])?;
        let token = token_of(&tokens, &request.binding).unwrap_or_default();
        let address = call.context().endpoints.first().and_then(|endpoint| endpoint.addresses.first()).cloned().unwrap_or_default();
        Ok(Credentials {
            files: [("token".to_string(), format!("{token}\n"))].into(),
            env: [("@ENV@_ADDRESS".to_string(), address), ("@ENV@_TOKEN_FILE".to_string(), "${dir}/token".to_string())].into(),
            expires_at: None,
        })
    }

    /// [write] Its token ends. A second time there is nothing to do.
    fn revoke(call: &Call, binding: &str) -> Result<()> {
        let tokens = change_tokens(call, |tokens| {
            let rest: String = tokens.lines().filter(|line| token_of(line, binding).is_none()).map(|line| format!("{line}\n")).collect();
            Ok(if rest == tokens { None } else { Some(rest) })
        })?;
        put_everywhere(call, &existing(call.context()), &[(TOKENS, &tokens, 0o600)])
    }
}

fn random_token() -> Result<String> {
    let mut bytes = [0u8; 16];
    let read = LocalFile::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    read.map_err(|error| Problem::unavailable("no-randomness", "No token can be drawn now.").detail(error.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

// An operation of this type's own: imp cluster do NAME set-greeting --text "Good morning"

operation! {
    set_greeting = "set-greeting", "Changes what the nodes answer.", IDEMPOTENT;
    in text: String, "What the nodes answer from now on.", schema r#"{"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[^\n]*$"}"#;
    out nodes: u32, "How many nodes answer it.";
    |call| -> Result<u32> {
        loop {
            let version = call.state("greeting")?.map_or(0, |(_, version)| version);
            match call.put_state("greeting", text.as_bytes(), version) {
                Err(problem) if problem.status == Status::CONFLICT => call.check_cancelled()?,
                other => break other.map(drop)?,
            }
        }
        let nodes = existing(call.context());
        put_everywhere(call, &nodes, &[(GREETING, &text, 0o644)])?;
        Ok(nodes.len() as u32)
    }
}

// What the host reads once

/// `make VERSION=…` says another one.
const VERSION: &str = match option_env!("PLUGIN_VERSION") {
    Some(version) if !version.is_empty() => version,
    _ => env!("CARGO_PKG_VERSION"),
};

impresario::plugin! {
    id: "@NAME@", version: VERSION, vendor: "Example", license: "Apache-2.0", packages: [],
    types: [TypeEntry::of::<Kind>().with_membership::<Kind>().with_bindings::<Kind>().with_configure::<Kind>()],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_by_their_whole_binding() {
        let tokens = "b1 one\nb10 ten\n";
        assert_eq!(token_of(tokens, "b1"), Some("one"));
        assert_eq!(token_of(tokens, "b10"), Some("ten"));
        assert_eq!(token_of(tokens, "b"), None);
    }

    #[test]
    fn the_plan_follows_the_parameters() {
        let context = Context::of(&json!({"cluster": {"params": {"nodes": 5}}})).unwrap();
        assert_eq!(Kind::plan(&context).unwrap().groups[0].count, 5);
        assert_eq!(Kind::validate(&Context::of(&json!({"cluster": {"params": {"greeting": "a\nb"}}})).unwrap()).unwrap_err().field, "/greeting");
    }
}
