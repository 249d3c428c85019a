// SPDX-License-Identifier: Apache-2.0

use crate::abi::Str;
use crate::{json, Call, Owner, Problem, Result, Status, Value};
use std::time::Duration;

/// What the bearer of a certificate may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Usage {
    Server,
    Client,
}

/// What a certificate shall say. The core does the cryptography.
#[derive(Clone, Debug, Default)]
pub struct CertificateProfile {
    /// The authority that signs, made when it is named for the first time. A cluster may have any number.
    pub authority: String,
    /// Asks for the authority's own certificate; its key is never handed out.
    pub is_authority: bool,
    /// Common name.
    pub common_name: String,
    /// Organizations.
    pub organizations: Vec<String>,
    /// Subject alternative names.
    pub dns: Vec<String>,
    /// Subject alternative addresses.
    pub ips: Vec<String>,
    /// What its bearer may be.
    pub usages: Vec<Usage>,
    /// None is the core's choice.
    pub ttl: Option<Duration>,
    /// Issued anew each time and kept nowhere, for credentials; otherwise the same name brings the same pair.
    pub fresh: bool,
}

/// A certificate, its key and who signed it, in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPair {
    /// The certificate.
    pub cert: String,
    /// Empty for an authority.
    pub key: String,
    /// The authority's certificate.
    pub ca: String,
    /// Lower-case hex; what [`Call::revocation_list`] takes.
    pub serial: String,
}

impl CertificateProfile {
    fn json(&self) -> Value {
        let mut json = json!({"ca": (&self.authority), "cn": (&self.common_name)});
        for (member, texts) in [("org", &self.organizations), ("dns", &self.dns), ("ips", &self.ips)] {
            if !texts.is_empty() {
                json.set(member, texts.clone());
            }
        }
        if !self.usages.is_empty() {
            let names = self.usages.iter().map(|usage| if *usage == Usage::Server { "server" } else { "client" });
            json.set("usages", names.collect::<Value>());
        }
        if let Some(ttl) = self.ttl {
            json.set("ttl", ttl.as_secs());
        }
        if self.is_authority {
            json.set("is_ca", true);
        }
        if self.fresh {
            json.set("fresh", true);
        }
        json
    }
}

impl Call {
    /// [write] A key pair made and kept by the core under `name`.
    pub fn key_pair(&self, name: &str, profile: &CertificateProfile) -> Result<KeyPair> {
        let (host, call) = self.host();
        let profile = profile.json().to_string();
        // SAFETY: the texts are copied.
        let answer = self.answer(|sink| unsafe { (host.key_pair)(call, Str::of(name), Str::of(&profile), sink) })?;
        let document = json::parse(&String::from_utf8_lossy(&answer)).map_err(|error| {
            Problem::new(Status::INTERNAL, "sdk.invalid-answer", "The host's key pair is no JSON.").detail(error.to_string()).owner(Owner::Plugin)
        })?;
        let text = |member: &str| document.get(member).and_then(Value::text).unwrap_or_default().to_string();
        Ok(KeyPair { cert: text("cert"), key: text("key"), ca: text("ca"), serial: text("serial") })
    }

    /// [write] A certificate for a signing request (PEM) whose key stays where it is. Answers the chain, PEM, leaf first.
    pub fn certificate(&self, request: &str, profile: &CertificateProfile) -> Result<String> {
        let (host, call) = self.host();
        let profile = profile.json().to_string();
        // SAFETY: the texts are copied.
        let chain = self.answer(|sink| unsafe { (host.cert_issue)(call, Str::of(request), Str::of(&profile), sink) })?;
        Ok(String::from_utf8_lossy(&chain).into_owned())
    }

    /// [write] A revocation list (PEM) of an authority, valid for ten years. Give all revoked serials each time.
    pub fn revocation_list(&self, authority: &str, serials: &[String]) -> Result<String> {
        let (host, call) = self.host();
        let rows: Vec<Str> = serials.iter().map(Str::of).collect();
        // SAFETY: the texts are copied.
        let list = self.answer(|sink| unsafe { (host.revocation_list)(call, Str::of(authority), rows.as_ptr(), rows.len(), sink) })?;
        Ok(String::from_utf8_lossy(&list).into_owned())
    }
}
