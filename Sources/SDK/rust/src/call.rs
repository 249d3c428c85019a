// SPDX-License-Identifier: Apache-2.0

use crate::abi::{Host, ImpCall, ImpOut, ImpStatus, Str};
use crate::{Context, Owner, Problem, Result, Status, Value};
use std::cell::RefCell;
use std::time::{Duration, Instant};

/// How much a line of the log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
#[allow(missing_docs)]
pub enum Severity {
    Trace = 0,
    Debug = 1,
    Info = 2,
    Notice = 3,
    Warning = 4,
    Error = 5,
}

/// One invocation of the plugin and, through it, the host: nodes, state, secrets, certificates, log.
///
/// Valid until the verb returns. Which functions a verb may call stands in their marks: `[pure]`, `[read]`, `[write]`, `[any]` as in the header; others
/// answer [`Status::PRECONDITION`].
pub struct Call {
    context: Context,
    host: &'static Host,
    call: *mut ImpCall,
    /// Sinks live until the call returns and are bounded together, so they are used again.
    idle: RefCell<Vec<*mut ImpOut>>,
}

impl Call {
    /// # Safety
    /// `call` must be the host's, and this value must be gone when the export returns.
    pub(crate) unsafe fn new(host: &'static Host, call: *mut ImpCall, context: Context) -> Call {
        Call { context, host, call, idle: RefCell::new(Vec::new()) }
    }

    /// What this call is about.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// [any] Somebody cancelled: stop soon. The core undoes what was done.
    pub fn is_cancelled(&self) -> bool {
        // SAFETY: see new().
        unsafe { (self.host.cancelled)(self.call) != 0 }
    }

    /// [any] To be called in loops: `call.check_cancelled()?`.
    pub fn check_cancelled(&self) -> Result<()> {
        if self.is_cancelled() {
            Err(Problem::cancelled())
        } else {
            Ok(())
        }
    }

    /// [any] How long until the process is killed.
    pub fn time_left(&self) -> Duration {
        // SAFETY: see new().
        let deadline = unsafe { (self.host.deadline_ns)(self.call) };
        Duration::from_nanos(u64::try_from(deadline.saturating_sub(monotonic_ns())).unwrap_or(0))
    }

    /// [any] Asks until the condition holds, at once for the first time, then `interval` after each answer. False when `limit`, or the call's own time, is
    /// over first.
    pub fn poll(&self, limit: Duration, interval: Duration, mut condition: impl FnMut() -> Result<bool>) -> Result<bool> {
        let begin = Instant::now();
        loop {
            self.check_cancelled()?;
            if condition()? {
                return Ok(true);
            }
            if begin.elapsed() + interval > limit || self.time_left() < interval {
                return Ok(false);
            }
            std::thread::sleep(interval);
        }
    }

    /// [any] A line for the broker's log. No secrets; at most 4 KiB; rate-limited.
    pub fn log(&self, severity: Severity, message: &str) {
        // SAFETY: see new(); the text is copied.
        unsafe { (self.host.log)(self.call, severity as i32, Str::of(message), Str::of("")) }
    }

    /// [read] How far the call is (0 … 1) and what is done now, shown to the tenant.
    pub fn progress(&self, fraction: f64, phase: &str) {
        let per10000 = (fraction.clamp(0.0, 1.0) * 10_000.0) as u32;
        // SAFETY: see new(); the text is copied.
        unsafe { (self.host.progress)(self.call, per10000, Str::of(phase)) }
    }

    /// [read] Something that happened to the cluster, for its event stream. `kind` is a DNS label, `fields` an object without secrets.
    pub fn event(&self, kind: &str, fields: &Value) {
        let json = fields.to_string();
        // SAFETY: see new(); the texts are copied.
        unsafe { (self.host.event)(self.call, Str::of(kind), Str::of(&json)) }
    }

    pub(crate) fn host(&self) -> (&'static Host, *mut ImpCall) {
        (self.host, self.call)
    }

    /// Turns a status that is not `IMP_OK` into the problem that the host left.
    pub(crate) fn check(&self, status: ImpStatus) -> Result<()> {
        if status == 0 {
            return Ok(());
        }
        // SAFETY: valid until the next host function that answers a status; copied here.
        let known = unsafe { (self.host.last_problem)(self.call).as_ref() };
        let fallback = || Problem::new(Status(status), "host.failed", format!("A host call failed with status {status}."));
        Err(known.map_or_else(fallback, |known| {
            // SAFETY: as above.
            let text = |text: Str| unsafe { String::from_utf8_lossy(text.bytes()).into_owned() };
            Problem {
                status: Status(status),
                code: text(known.code),
                message: text(known.message),
                field: text(known.field),
                detail: text(known.detail),
                owner: [Owner::Tenant, Owner::Admin, Owner::Plugin, Owner::Infrastructure].into_iter().find(|owner| *owner as u32 == known.owner),
                flags: known.flags,
            }
        }))
    }

    /// Runs a host function that answers into a sink and gives back what it wrote.
    pub(crate) fn answer(&self, body: impl FnOnce(*mut ImpOut) -> ImpStatus) -> Result<Vec<u8>> {
        let sink = self.take_sink()?;
        let status = body(sink);
        let bytes = self.check(status).map(|()| self.sink_bytes(sink));
        self.give_back(sink);
        bytes
    }

    pub(crate) fn append(&self, sink: *mut ImpOut, bytes: &[u8]) -> Result<()> {
        // SAFETY: the sink is the host's; the bytes are copied.
        self.check(unsafe { (self.host.out_write)(sink, bytes.as_ptr().cast(), bytes.len()) })
    }

    pub(crate) fn take_sink(&self) -> Result<*mut ImpOut> {
        if let Some(sink) = self.idle.borrow_mut().pop() {
            return Ok(sink);
        }
        // SAFETY: see new().
        let sink = unsafe { (self.host.out_new)(self.call, 0) };
        if sink.is_null() {
            return Err(Problem::new(Status::EXHAUSTED, "sdk.no-memory", "The host has no room for further results.").owner(Owner::Plugin));
        }
        Ok(sink)
    }

    pub(crate) fn sink_bytes(&self, sink: *mut ImpOut) -> Vec<u8> {
        // SAFETY: the view is valid until the sink is written or cleared; copied here.
        unsafe { (self.host.out_view)(sink).bytes().to_vec() }
    }

    pub(crate) fn give_back(&self, sink: *mut ImpOut) {
        // SAFETY: the sink is the host's.
        unsafe { (self.host.out_clear)(sink) };
        self.idle.borrow_mut().push(sink);
    }
}

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
}

/// The clock of `deadline_ns`, which `Instant` does not tell.
fn monotonic_ns() -> i64 {
    const CLOCK_MONOTONIC: i32 = 1;
    let mut now = Timespec { seconds: 0, nanoseconds: 0 };
    // SAFETY: the place is valid; LP64 as asserted in abi.rs.
    unsafe { clock_gettime(CLOCK_MONOTONIC, &mut now) };
    now.seconds * 1_000_000_000 + now.nanoseconds
}
