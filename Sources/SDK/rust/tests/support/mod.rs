// SPDX-License-Identifier: Apache-2.0

//! A host table without a host: what a plugin is given in these tests.

#![allow(dead_code)] // Each test file uses a part.

use impresario::abi::*;
use std::collections::BTreeMap;
use std::ffi::{c_char, c_void};
use std::ptr;
use std::sync::{Mutex, OnceLock};

/// What one call saw and left behind. It stands where the host has its `imp_call`.
#[derive(Default)]
pub struct FakeCall {
    pub document: String,
    pub state: BTreeMap<String, (Vec<u8>, u64)>,
    /// How many times a compare-and-swap loses before it may win.
    pub conflicts: u32,
    pub logged: Vec<String>,
    pub services: Vec<String>,
    pub files: Vec<(String, String)>,
    pub failure: Option<(i32, String, String, String)>,
    #[allow(clippy::vec_box)] // Pointers to them are out.
    pub sinks: Vec<Box<Vec<u8>>>,
    pub is_cancelled: bool,
}

/// Calls of one process run one after the other.
pub static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

unsafe fn text(s: Str) -> String {
    String::from_utf8(unsafe { s.bytes() }.to_vec()).unwrap()
}

unsafe fn fake<'a>(call: *mut ImpCall) -> &'a mut FakeCall {
    unsafe { &mut *call.cast::<FakeCall>() }
}

unsafe fn sink<'a>(out: *const ImpOut) -> &'a mut Vec<u8> {
    unsafe { &mut *(out.cast_mut().cast::<Vec<u8>>()) }
}

unsafe extern "C" fn get_extension(_: *const Host, _: *const c_char) -> *const c_void {
    ptr::null()
}
unsafe extern "C" fn out_write(out: *mut ImpOut, bytes: *const c_void, len: usize) -> i32 {
    unsafe { sink(out).extend_from_slice(std::slice::from_raw_parts(bytes.cast(), len)) };
    0
}
unsafe extern "C" fn out_new(call: *mut ImpCall, _: usize) -> *mut ImpOut {
    let mut fresh = Box::<Vec<u8>>::default();
    let place: *mut Vec<u8> = &mut *fresh;
    unsafe { fake(call).sinks.push(fresh) };
    place.cast()
}
unsafe extern "C" fn out_view(out: *const ImpOut) -> Str {
    Str::of(unsafe { sink(out).as_slice() })
}
unsafe extern "C" fn out_clear(out: *mut ImpOut) {
    unsafe { sink(out).clear() };
}
unsafe extern "C" fn fail(call: *mut ImpCall, status: i32, problem: *const ImpProblem) -> i32 {
    unsafe {
        let problem = &*problem;
        assert_eq!(problem.struct_size, 80);
        fake(call).failure = Some((status, text(problem.code), text(problem.field), text(problem.detail)));
    }
    status
}
unsafe extern "C" fn last_problem(_: *mut ImpCall) -> *const ImpProblem {
    ptr::null()
}
unsafe extern "C" fn context(call: *mut ImpCall, out: *mut ImpOut) -> i32 {
    unsafe { sink(out).extend_from_slice(fake(call).document.as_bytes()) };
    0
}
unsafe extern "C" fn log(call: *mut ImpCall, _: i32, message: Str, _: Str) {
    unsafe { fake(call).logged.push(text(message)) };
}
unsafe extern "C" fn progress(_: *mut ImpCall, _: u32, _: Str) {}
unsafe extern "C" fn cancelled(call: *mut ImpCall) -> i32 {
    unsafe { fake(call).is_cancelled.into() }
}
unsafe extern "C" fn deadline_ns(_: *mut ImpCall) -> i64 {
    i64::MAX
}
/// Answers each command with its arguments on stdout and its stdin on stderr; the exit code is the number of arguments.
unsafe extern "C" fn node_exec(_: *mut ImpCall, commands: *const *mut Exec, n: usize) -> i32 {
    unsafe {
        for command in std::slice::from_raw_parts(commands, n) {
            let command = &mut **command;
            assert_eq!(command.struct_size, 136);
            for argument in std::slice::from_raw_parts(command.argv, command.argc) {
                sink(command.out).extend_from_slice(argument.bytes());
                sink(command.out).push(b' ');
            }
            sink(command.err).extend_from_slice(command.input.bytes());
            command.exit_code = command.argc as i32;
        }
    }
    0
}
unsafe extern "C" fn node_put(call: *mut ImpCall, files: *const *const ImpFile, n: usize) -> i32 {
    unsafe {
        for file in std::slice::from_raw_parts(files, n) {
            fake(call).files.push((text((**file).path), text((**file).bytes)));
        }
    }
    0
}
unsafe extern "C" fn node_get(call: *mut ImpCall, _: Str, path: Str, _: u64, out: *mut ImpOut) -> i32 {
    unsafe {
        let path = text(path);
        match fake(call).files.iter().rfind(|file| file.0 == path) {
            Some(file) => sink(out).extend_from_slice(file.1.as_bytes()),
            None => return 2,
        }
    }
    0
}
unsafe extern "C" fn node_put_artifact(_: *mut ImpCall, _: Str, _: Str, _: Str, _: u32) -> i32 {
    12
}
unsafe extern "C" fn node_service(call: *mut ImpCall, node: Str, spec: Str) -> i32 {
    unsafe { fake(call).services.push(format!("{}: {}", text(node), text(spec))) };
    0
}
unsafe extern "C" fn state_get(call: *mut ImpCall, key: Str, out: *mut ImpOut, version: *mut u64) -> i32 {
    unsafe {
        match fake(call).state.get(&text(key)) {
            Some((value, known)) => {
                sink(out).extend_from_slice(value);
                *version = *known;
                0
            }
            None => {
                *version = 0;
                2
            }
        }
    }
}
unsafe extern "C" fn state_put(call: *mut ImpCall, key: Str, value: Str, expect: u64, version: *mut u64) -> i32 {
    unsafe {
        let fake = fake(call);
        if fake.conflicts > 0 {
            fake.conflicts -= 1;
            return 5;
        }
        let known = fake.state.get(&text(key)).map_or(0, |entry| entry.1);
        if known != expect {
            return 5;
        }
        *version = known + 1;
        fake.state.insert(text(key), (value.bytes().to_vec(), known + 1));
    }
    0
}
/// Answers what it was asked, as certificate.
unsafe extern "C" fn key_pair(_: *mut ImpCall, name: Str, profile: Str, out: *mut ImpOut) -> i32 {
    unsafe {
        let answer = impresario::json!({"cert": (text(profile)), "key": "k", "ca": "a", "serial": (text(name))});
        sink(out).extend_from_slice(answer.to_string().as_bytes());
    }
    0
}
unsafe extern "C" fn cert_issue(_: *mut ImpCall, _: Str, _: Str, _: *mut ImpOut) -> i32 {
    12
}
unsafe extern "C" fn event(_: *mut ImpCall, _: Str, _: Str) {}
unsafe extern "C" fn revocation_list(_: *mut ImpCall, _: Str, serials: *const Str, n: usize, out: *mut ImpOut) -> i32 {
    unsafe {
        for serial in std::slice::from_raw_parts(serials, n) {
            sink(out).extend_from_slice(serial.bytes());
            sink(out).push(b';');
        }
    }
    0
}

/// The one table of this process.
pub fn host() -> &'static Host {
    struct Shared(Host);
    // It holds function pointers and views of static texts only.
    unsafe impl Send for Shared {}
    unsafe impl Sync for Shared {}
    static HOST: OnceLock<Shared> = OnceLock::new();
    &HOST
        .get_or_init(|| {
            Shared(Host {
                struct_size: size_of::<Host>() as u32,
                abi_minor: 0,
                name: Str::of("fake"),
                version: Str::of("0"),
                get_extension,
                out_write,
                out_new,
                out_view,
                out_clear,
                fail,
                last_problem,
                context,
                log,
                progress,
                cancelled,
                deadline_ns,
                node_exec,
                node_put,
                node_get,
                node_put_artifact,
                node_service,
                state_get,
                state_put,
                secret_get: state_get,
                secret_put: state_put,
                key_pair,
                cert_issue,
                event,
                revocation_list,
            })
        })
        .0
}

/// A document with two nodes.
pub fn document(args: &str) -> String {
    format!(
        r#"{{"v": 1, "operation": {{"id": "o1", "kind": "create", "attempt": 2}}, "cluster": {{"id": "c1", "name": "web", "params": {{"n": 3}}, "labels": {{"a": "b"}},
        "network": "10.1.0.0/24"}}, "nodes": [{{"id": "n1", "name": "web-0", "group": "g", "role": "r", "ordinal": 0, "address": "10.1.0.2", "state": "joined",
        "flavor": {{"cpu": 500, "memory": 1024, "disk": 1}}, "new": true}}, {{"id": "n2", "name": "web-1", "group": "g", "state": "lost"}}],
        "endpoints": [{{"name": "api", "addresses": ["127.0.0.1:9"], "port": 80}}], "args": {args}}}"#
    )
}
