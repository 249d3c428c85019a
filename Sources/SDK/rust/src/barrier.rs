// SPDX-License-Identifier: Apache-2.0

//! The wall around every export: errors become problems, panics become errors, nothing unwinds into the host.

use crate::abi::{Host, ImpCall, ImpOut, ImpProblem, ImpStatus, Str};
use crate::{json, Call, Context, Owner, Problem, Result, Status, Value};
use std::cell::RefCell;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::Once;

/// Set once, by `init`.
static HOST: AtomicPtr<Host> = AtomicPtr::new(std::ptr::null_mut());
static HOOK: Once = Once::new();

thread_local! {
    /// What the last panic of this thread said and where it was.
    static LAST_WORDS: RefCell<String> = const { RefCell::new(String::new()) };
}

pub(crate) unsafe extern "C" fn init(host: *const Host, _call: *mut ImpCall) -> ImpStatus {
    HOST.store(host.cast_mut(), Ordering::Release);
    HOOK.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            let words = panic.to_string();
            LAST_WORDS.with(|last| *last.borrow_mut() = words);
        }));
    });
    0
}

/// Runs a verb: its document in, its answer out.
///
/// # Safety
/// To be called with what the host gave the verb.
pub(crate) unsafe fn verb(call: *mut ImpCall, input: Str, out: *mut ImpOut, body: impl FnOnce(&Call) -> Result<Option<Value>>) -> ImpStatus {
    // SAFETY: the host's pointers are valid until the verb returns.
    unsafe {
        guarded(call, |host| {
            let context = Context::of_bytes(input.bytes())?;
            let call = Call::new(host, call, context);
            if let Some(answer) = body(&call)? {
                call.append(out, answer.to_string().as_bytes())?;
            }
            Ok(())
        })
    }
}

/// Runs a typed operation.
///
/// # Safety
/// To be called with what the host gave the operation's C function.
#[doc(hidden)]
pub unsafe fn operation(call: *mut ImpCall, body: impl FnOnce(&Call) -> Result<()>) -> ImpStatus {
    // SAFETY: the host's pointers are valid until the operation returns.
    unsafe {
        guarded(call, |host| {
            let early = Call::new(host, call, Context::default());
            let document = early.answer(|sink| (host.context)(call, sink))?;
            body(&Call::new(host, call, Context::of_bytes(&document)?))
        })
    }
}

unsafe fn guarded(call: *mut ImpCall, body: impl FnOnce(&'static Host) -> Result<()>) -> ImpStatus {
    // SAFETY: the table lives as long as the process.
    let Some(host) = (unsafe { HOST.load(Ordering::Acquire).as_ref() }) else {
        return Status::PRECONDITION.0;
    };
    // What was in the middle of a panic is not looked at again: a call's values die with it.
    match catch_unwind(AssertUnwindSafe(|| body(host))) {
        Ok(Ok(())) => 0,
        // SAFETY: as above.
        Ok(Err(problem)) => unsafe { fail(host, call, &problem) },
        Err(payload) => {
            // Dropping what somebody panicked with could panic again.
            std::mem::forget(payload);
            let words = LAST_WORDS.with(|last| last.take());
            let problem = Problem::new(Status::INTERNAL, "sdk.panic", "The plugin made a mistake.").detail(words).owner(Owner::Plugin);
            // SAFETY: as above.
            unsafe { fail(host, call, &problem) }
        }
    }
}

unsafe fn fail(host: &Host, call: *mut ImpCall, problem: &Problem) -> ImpStatus {
    fn head(text: &str, most: usize) -> Str {
        let mut end = text.len().min(most);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Str::of(&text[..end])
    }
    let row = ImpProblem {
        struct_size: size_of::<ImpProblem>() as u32,
        flags: problem.flags,
        retry_after_ms: 0,
        owner: problem.owner.map_or(0, |owner| owner as u32),
        code: head(&problem.code, 128),
        field: Str::of(&problem.field),
        message: head(&problem.message, 4 << 10),
        detail: head(&problem.detail, 16 << 10),
    };
    // A status of 0 would be success.
    let status = if problem.status.0 == 0 { Status::INTERNAL.0 } else { problem.status.0 };
    // SAFETY: the row is copied before it returns.
    unsafe { (host.fail)(call, status, &row) }
}

impl Context {
    fn of_bytes(bytes: &[u8]) -> Result<Context> {
        let text = std::str::from_utf8(bytes).map_err(|error| unreadable(&error))?;
        Context::of(&json::parse(text).map_err(|error| unreadable(&error))?)
    }
}

fn unreadable(error: &dyn std::fmt::Display) -> Problem {
    Problem::new(Status::INVALID, "sdk.invalid-document", "The host's document is no JSON.").detail(error.to_string())
}
