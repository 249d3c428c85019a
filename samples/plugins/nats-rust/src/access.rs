// SPDX-License-Identifier: Apache-2.0

//! The tenants' way in: a certificate for each binding, which the servers map to a user. Revoked is who has no user any more: the servers end their connections
//! when they read their files again, and the others' go on.

use crate::membership::{converge, existing};
use crate::parameters::{CLIENT_PORT, ENDPOINT};
use impresario::*;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const KEY: &str = "bindings";
const DEFAULT_LIFETIME: Duration = Duration::from_secs(30 * 86_400);
const SHORTEST_LIFETIME: Duration = Duration::from_secs(60);
const LONGEST_LIFETIME: Duration = Duration::from_secs(365 * 86_400);

/// What its bearer may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Client,
    Subscriber,
    Operator,
}

const ROLES: [(Role, &str); 3] = [(Role::Client, "client"), (Role::Subscriber, "subscriber"), (Role::Operator, "operator")];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub role: Role,
    /// Seconds since 1970.
    pub expires: i64,
    pub is_revoked: bool,
}

/// Who was given certificates: the one document of state that this plugin keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bindings(pub BTreeMap<String, Entry>);

pub fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "role": {
                "type": "string", "title": "Role", "enum": ["client", "subscriber", "operator"], "default": "client",
                "description": "client: publish, subscribe, streams. subscriber: listen only. operator: the system account, for looking at servers.",
            },
        },
    })
}

impl Bindings {
    pub fn read(call: &Call) -> Result<Bindings> {
        Ok(Bindings::of(&call.state_json(KEY)?))
    }

    pub fn of(document: &Value) -> Bindings {
        let entry = |value: &Value| {
            let name = value.get("role").and_then(Value::text).unwrap_or_default();
            Some(Entry {
                role: ROLES.iter().find(|role| role.1 == name)?.0,
                expires: value.get("expires").and_then(Value::int)?,
                is_revoked: value.get("revoked").and_then(Value::bool).unwrap_or(false),
            })
        };
        Bindings(document.members().into_iter().flatten().filter_map(|(id, value)| Some((id.clone(), entry(value)?))).collect())
    }

    pub fn json(&self) -> Value {
        self.0.iter().fold(Value::object(), |document, (id, entry)| {
            let role = ROLES.iter().find(|role| role.0 == entry.role).map_or("", |role| role.1);
            document.with(id, json!({"role": role, "expires": (entry.expires), "revoked": (entry.is_revoked)}))
        })
    }

    /// Those that have a user. An expired certificate is refused by itself; its entry goes with the next change.
    pub fn living(&self) -> impl Iterator<Item = (&String, &Entry)> {
        self.0.iter().filter(|(_, entry)| !entry.is_revoked)
    }

    /// Nobody's name can be another's: ids of bindings are the core's.
    pub fn common_name(binding: &str) -> String {
        format!("binding-{binding}")
    }

    /// With a day's grace, for clocks that differ.
    fn prune(&mut self, now: i64) {
        self.0.retain(|_, entry| entry.expires + 86_400 > now);
    }
}

/// Changes the recorded bindings.
fn update(call: &Call, mut change: impl FnMut(&mut Bindings) -> Result<()>) -> Result<()> {
    call.update_state(KEY, |document| {
        let mut bindings = Bindings::of(document);
        bindings.prune(now());
        change(&mut bindings)?;
        *document = bindings.json();
        Ok(())
    })?;
    Ok(())
}

pub fn credentials(call: &Call, request: &CredentialsRequest) -> Result<Credentials> {
    let name = request.role.as_deref().unwrap_or("client");
    let Some((role, _)) = ROLES.into_iter().find(|role| role.1 == name) else {
        return Err(Problem::invalid("nats.unknown-role", "/role", format!("The role is '{name}'; it must be client, subscriber or operator.")));
    };
    let lifetime = request.ttl.unwrap_or(DEFAULT_LIFETIME);
    if !(SHORTEST_LIFETIME..=LONGEST_LIFETIME).contains(&lifetime) {
        return Err(Problem::invalid("nats.lifetime", "/ttl", format!("Credentials last from 1 minute to 365 days; {} s were asked for.", lifetime.as_secs())));
    }
    let expires = now() + lifetime.as_secs() as i64;
    // Recorded before it is handed out, so that there is none that cannot be revoked.
    update(call, |bindings| {
        if bindings.0.get(&request.binding).is_some_and(|entry| entry.is_revoked) {
            return Err(Problem::new(Status::PRECONDITION, "nats.binding-revoked", "These credentials were revoked; ask for new ones.").owner(Owner::Tenant));
        }
        bindings.0.insert(request.binding.clone(), Entry { role, expires, is_revoked: false });
        Ok(())
    })?;
    let context = call.context();
    // All of them: one that is away now would wake without this user, and nobody would tell it later.
    let nodes = existing(context);
    converge(call, &nodes)?;
    let pair = call.key_pair(
        &format!("client-{}", request.binding),
        &CertificateProfile {
            authority: "clients".into(),
            common_name: Bindings::common_name(&request.binding),
            usages: vec![Usage::Client],
            ttl: Some(lifetime),
            fresh: true,
            ..Default::default()
        },
    )?;
    let servers = call.key_pair(
        "servers-authority",
        &CertificateProfile { authority: "servers".into(), is_authority: true, common_name: "servers".into(), ..Default::default() },
    )?;
    let addresses = nodes.iter().map(|node| {
        let address = context.tenant_address(ENDPOINT, node).map_or_else(|| format!("{}:{CLIENT_PORT}", node.address), Into::into);
        format!("tls://{address}")
    });
    let texts = |rows: &[(&str, &str)]| rows.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
    let url = addresses.collect::<Vec<_>>().join(",");
    Ok(Credentials {
        files: texts(&[("ca.pem", &servers.ca), ("cert.pem", &pair.cert), ("key.pem", &pair.key)]),
        env: texts(&[("NATS_URL", &url), ("NATS_CA", "${dir}/ca.pem"), ("NATS_CERT", "${dir}/cert.pem"), ("NATS_KEY", "${dir}/key.pem")]),
        expires_at: None,
    }
    .expiring_in(lifetime))
}

/// A server that cannot be told now must not wake with the old files: then the call is to be repeated.
pub fn revoke(call: &Call, binding: &str) -> Result<()> {
    update(call, |bindings| {
        if let Some(entry) = bindings.0.get_mut(binding) {
            entry.is_revoked = true;
        }
        Ok(())
    })?;
    let context = call.context();
    let mut failure = None;
    for node in existing(context) {
        match converge(call, &[node]) {
            Err(problem) if problem.is_retryable() => failure = Some(problem),
            other => other?,
        }
    }
    failure.map_or(Ok(()), Err)
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() as i64
}
