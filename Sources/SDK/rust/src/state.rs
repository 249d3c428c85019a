// SPDX-License-Identifier: Apache-2.0

use crate::abi::{Host, ImpCall, ImpOut, ImpStatus, Str};
use crate::nodes::found;
use crate::{json, Call, Owner, Problem, Result, Status, Value};

type Getter = unsafe extern "C" fn(*mut ImpCall, Str, *mut ImpOut, *mut u64) -> ImpStatus;
type Putter = unsafe extern "C" fn(*mut ImpCall, Str, Str, u64, *mut u64) -> ImpStatus;

impl Call {
    /// [read] A document of the plugin's own, kept by the core, and its version; None when there is none.
    pub fn state(&self, key: &str) -> Result<Option<(Vec<u8>, u64)>> {
        self.stored(|host| host.state_get, key)
    }

    /// [write] Compare and swap: stores when the key's version still is `expect` (0: when there is none), else `CONFLICT`. An empty value deletes. At
    /// most 256 KiB. Answers the new version.
    pub fn put_state(&self, key: &str, value: &[u8], expect: u64) -> Result<u64> {
        self.store(|host| host.state_put, key, value, expect)
    }

    /// [read] Like [`Call::state`] for secrets: encrypted at rest, never logged.
    pub fn secret(&self, name: &str) -> Result<Option<(Vec<u8>, u64)>> {
        self.stored(|host| host.secret_get, name)
    }

    /// [write] Like [`Call::put_state`] for secrets. At most 64 KiB.
    pub fn put_secret(&self, name: &str, value: &[u8], expect: u64) -> Result<u64> {
        self.store(|host| host.secret_put, name, value, expect)
    }

    /// [write] Reads a JSON document (null when there is none), changes it and writes it back, again when somebody else was faster. Answers what is
    /// stored then.
    pub fn update_state(&self, key: &str, mut change: impl FnMut(&mut Value) -> Result<()>) -> Result<Value> {
        for _ in 0..10 {
            let old = self.state(key)?;
            let mut value = match &old {
                Some((bytes, _)) => readable(bytes)?,
                None => Value::Null,
            };
            let before = value.clone();
            change(&mut value)?;
            if value == before {
                return Ok(value);
            }
            match self.put_state(key, value.to_string().as_bytes(), old.map_or(0, |(_, version)| version)) {
                Err(problem) if problem.status == Status::CONFLICT => continue,
                other => return other.map(|_| value),
            }
        }
        Err(Problem::unavailable("sdk.contention", "The cluster's state is changed by others all the time.").owner(Owner::Plugin))
    }

    /// [read] A JSON document of the state; null when there is none.
    pub fn state_json(&self, key: &str) -> Result<Value> {
        self.state(key)?.map_or(Ok(Value::Null), |(bytes, _)| readable(&bytes))
    }

    fn stored(&self, function: impl Fn(&Host) -> Getter, key: &str) -> Result<Option<(Vec<u8>, u64)>> {
        let (host, call) = self.host();
        let mut version = 0;
        // SAFETY: the text is copied, the place is valid.
        let value = found(self.answer(|sink| unsafe { function(host)(call, Str::of(key), sink, &mut version) }))?;
        Ok(value.map(|value| (value, version)))
    }

    fn store(&self, function: impl Fn(&Host) -> Putter, key: &str, value: &[u8], expect: u64) -> Result<u64> {
        let (host, call) = self.host();
        let mut version = 0;
        // SAFETY: the texts are copied, the place is valid.
        self.check(unsafe { function(host)(call, Str::of(key), Str::of(value), expect, &mut version) })?;
        Ok(version)
    }
}

fn readable(bytes: &[u8]) -> Result<Value> {
    let broken = || Problem::new(Status::INTERNAL, "sdk.broken-state", "The cluster's state is no JSON.").owner(Owner::Plugin);
    let text = std::str::from_utf8(bytes).map_err(|_| broken())?;
    json::parse(text).map_err(|error| broken().detail(error.to_string()))
}
