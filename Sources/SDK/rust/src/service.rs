// SPDX-License-Identifier: Apache-2.0

use crate::abi::Str;
use crate::{json, Call, Node, Result, Value};
use std::time::Duration;

/// What a service shall be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ServiceState {
    Running,
    Stopped,
    Absent,
}

/// When a service counts as started, and how long that may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ready {
    /// A command that succeeds.
    Exec(Vec<String>, Duration),
    /// A port that accepts.
    Tcp(u16, Duration),
    /// A path that exists.
    File(String, Duration),
}

/// A supervised daemon of a node: declared, never scripted. It survives a restart of the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// A DNS label.
    pub name: String,
    /// What it shall be.
    pub state: ServiceState,
    /// The program, which stays in the foreground, and its arguments.
    pub arguments: Vec<String>,
    /// Added to the node's own environment.
    pub environment: Vec<(String, String)>,
    /// Of the node; empty is root.
    pub user: String,
    /// None: it counts as started when it runs.
    pub ready: Option<Ready>,
}

impl Service {
    /// A daemon that runs.
    pub fn running(name: &str, arguments: impl IntoIterator<Item = impl Into<String>>) -> Service {
        let arguments = arguments.into_iter().map(Into::into).collect();
        Service { name: name.into(), state: ServiceState::Running, arguments, environment: Vec::new(), user: String::new(), ready: None }
    }

    /// The same with a readiness.
    pub fn ready(mut self, ready: Ready) -> Service {
        self.ready = Some(ready);
        self
    }

    /// The same as another user of the node.
    pub fn user(mut self, user: &str) -> Service {
        self.user = user.into();
        self
    }

    fn json(&self) -> Value {
        let state = match self.state {
            ServiceState::Running => "running",
            ServiceState::Stopped => "stopped",
            ServiceState::Absent => "absent",
        };
        let mut json = json!({"name": (&self.name), "state": state});
        if !self.arguments.is_empty() {
            json.set("argv", self.arguments.clone());
        }
        if !self.environment.is_empty() {
            json.set("env", self.environment.iter().fold(Value::object(), |env, (name, value)| env.with(name, value)));
        }
        if !self.user.is_empty() {
            json.set("user", &self.user);
        }
        if let Some(ready) = &self.ready {
            let milliseconds = |limit: &Duration| limit.as_millis().min(i64::MAX as u128) as i64;
            json.set(
                "ready",
                match ready {
                    Ready::Exec(command, limit) => json!({"exec": (command.clone()), "timeout": (milliseconds(limit))}),
                    Ready::Tcp(port, limit) => json!({"tcp": (i64::from(*port)), "timeout": (milliseconds(limit))}),
                    Ready::File(path, limit) => json!({"file": (path), "timeout": (milliseconds(limit))}),
                },
            );
        }
        json
    }
}

impl Call {
    /// [write] Declares a supervised daemon on some nodes at once and waits until it is so. Idempotent; a changed declaration restarts it.
    pub fn declare(&self, service: &Service, nodes: &[&Node]) -> Result<()> {
        if nodes.is_empty() {
            return Ok(());
        }
        let ids = nodes.iter().map(|node| node.id.as_str()).collect::<Vec<_>>().join(",");
        let json = service.json().to_string();
        let (host, call) = self.host();
        // SAFETY: the texts are copied.
        self.check(unsafe { (host.node_service)(call, Str::of(&ids), Str::of(&json)) })
    }
}
