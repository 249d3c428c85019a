// SPDX-License-Identifier: Apache-2.0

//! `impresario/plugin.h` in Rust, by hand: same names without the prefix, same layout. The header is the manual. Authors need this only for what the rest of the
//! crate does not cover.

#![allow(missing_docs)]

use std::ffi::{c_char, c_void};

/// The minor version of the header that this file follows.
pub const ABI_MINOR: u32 = 0;

pub const MAX_ARGUMENT: usize = 1 << 20;
pub const MAX_RESULT: usize = 4 << 20;
pub const MAX_BATCH: usize = 256;

/// A text or bytes with a length.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str {
    pub ptr: *const c_char,
    pub len: usize,
}

/// The host's: one invocation.
#[repr(C)]
pub struct ImpCall {
    _opaque: [u8; 0],
}

/// The host's: a bounded sink.
#[repr(C)]
pub struct ImpOut {
    _opaque: [u8; 0],
}

pub type ImpStatus = i32;

pub const E_RETRY: u32 = 1;
pub const E_CLUSTER_UNUSABLE: u32 = 2;
pub const E_NOT_REPEATABLE: u32 = 4;

#[repr(C)]
pub struct ImpProblem {
    pub struct_size: u32,
    pub flags: u32,
    pub retry_after_ms: u32,
    pub owner: u32,
    pub code: Str,
    pub field: Str,
    pub message: Str,
    pub detail: Str,
}

pub const X_TRUNCATED: u32 = 1;
pub const X_TIMED_OUT: u32 = 2;

#[repr(C)]
pub struct Exec {
    pub struct_size: u32,
    pub flags: u32,
    pub node: Str,
    pub argv: *const Str,
    pub argc: usize,
    pub env: *const Str,
    pub envc: usize,
    pub user: Str,
    pub cwd: Str,
    pub input: Str,
    pub timeout_ms: u32,
    pub output_limit: u32,
    pub out: *mut ImpOut,
    pub err: *mut ImpOut,
    pub exit_code: i32,
    pub result: u32,
}

#[repr(C)]
pub struct ImpFile {
    pub struct_size: u32,
    pub mode: u32,
    pub node: Str,
    pub path: Str,
    pub owner: Str,
    pub bytes: Str,
}

/// The host's table.
#[repr(C)]
pub struct Host {
    pub struct_size: u32,
    pub abi_minor: u32,
    pub name: Str,
    pub version: Str,
    pub get_extension: unsafe extern "C" fn(*const Host, *const c_char) -> *const c_void,
    pub out_write: unsafe extern "C" fn(*mut ImpOut, *const c_void, usize) -> ImpStatus,
    pub out_new: unsafe extern "C" fn(*mut ImpCall, usize) -> *mut ImpOut,
    pub out_view: unsafe extern "C" fn(*const ImpOut) -> Str,
    pub out_clear: unsafe extern "C" fn(*mut ImpOut),
    pub fail: unsafe extern "C" fn(*mut ImpCall, ImpStatus, *const ImpProblem) -> ImpStatus,
    pub last_problem: unsafe extern "C" fn(*mut ImpCall) -> *const ImpProblem,
    pub context: unsafe extern "C" fn(*mut ImpCall, *mut ImpOut) -> ImpStatus,
    pub log: unsafe extern "C" fn(*mut ImpCall, i32, Str, Str),
    pub progress: unsafe extern "C" fn(*mut ImpCall, u32, Str),
    pub cancelled: unsafe extern "C" fn(*mut ImpCall) -> i32,
    pub deadline_ns: unsafe extern "C" fn(*mut ImpCall) -> i64,
    pub node_exec: unsafe extern "C" fn(*mut ImpCall, *const *mut Exec, usize) -> ImpStatus,
    pub node_put: unsafe extern "C" fn(*mut ImpCall, *const *const ImpFile, usize) -> ImpStatus,
    pub node_get: unsafe extern "C" fn(*mut ImpCall, Str, Str, u64, *mut ImpOut) -> ImpStatus,
    pub node_put_artifact: unsafe extern "C" fn(*mut ImpCall, Str, Str, Str, u32) -> ImpStatus,
    pub node_service: unsafe extern "C" fn(*mut ImpCall, Str, Str) -> ImpStatus,
    pub state_get: unsafe extern "C" fn(*mut ImpCall, Str, *mut ImpOut, *mut u64) -> ImpStatus,
    pub state_put: unsafe extern "C" fn(*mut ImpCall, Str, Str, u64, *mut u64) -> ImpStatus,
    pub secret_get: unsafe extern "C" fn(*mut ImpCall, Str, *mut ImpOut, *mut u64) -> ImpStatus,
    pub secret_put: unsafe extern "C" fn(*mut ImpCall, Str, Str, u64, *mut u64) -> ImpStatus,
    pub key_pair: unsafe extern "C" fn(*mut ImpCall, Str, Str, *mut ImpOut) -> ImpStatus,
    pub cert_issue: unsafe extern "C" fn(*mut ImpCall, Str, Str, *mut ImpOut) -> ImpStatus,
    pub event: unsafe extern "C" fn(*mut ImpCall, Str, Str),
    pub revocation_list: unsafe extern "C" fn(*mut ImpCall, Str, *const Str, usize, *mut ImpOut) -> ImpStatus,
}

pub const BOOL: u32 = 1;
pub const I32: u32 = 2;
pub const U32: u32 = 3;
pub const I64: u32 = 4;
pub const U64: u32 = 5;
pub const F64: u32 = 6;
pub const STR: u32 = 7;
pub const JSON: u32 = 8;
pub const NODE: u32 = 9;
pub const DURATION: u32 = 10;
pub const BYTES: u32 = 11;
pub const STRS: u32 = 12;

pub const P_OUT: u32 = 1;
pub const P_OPTIONAL: u32 = 2;
pub const P_SECRET: u32 = 4;

#[repr(C)]
pub struct Param {
    pub struct_size: u32,
    pub kind: u32,
    pub flags: u32,
    pub reserved: u32,
    pub name: *const c_char,
    pub summary: *const c_char,
    pub default_json: *const c_char,
    pub schema_json: *const c_char,
}

pub const O_READONLY: u32 = 1;
pub const O_IDEMPOTENT: u32 = 2;
pub const O_DESTRUCTIVE: u32 = 4;
pub const O_LONG: u32 = 8;

#[repr(C)]
pub struct Op {
    pub struct_size: u32,
    pub flags: u32,
    pub id: *const c_char,
    pub summary: *const c_char,
    pub since: *const c_char,
    pub deprecated: *const c_char,
    pub function: *const c_void,
    pub params: *const *const Param,
    pub nparams: usize,
}

pub type Verb = unsafe extern "C" fn(*mut ImpCall, Str, *mut ImpOut) -> ImpStatus;

#[repr(C)]
pub struct Type {
    pub struct_size: u32,
    pub flags: u32,
    pub id: *const c_char,
    pub name: *const c_char,
    pub summary: *const c_char,
    pub description_md: *const c_char,
    pub capabilities: *const *const c_char,
    pub create_schema: *const c_char,
    pub update_schema: *const c_char,
    pub binding_schema: *const c_char,
    pub validate: Option<Verb>,
    pub plan: Option<Verb>,
    pub bootstrap: Option<Verb>,
    pub join: Option<Verb>,
    pub leave: Option<Verb>,
    pub health: Option<Verb>,
    pub credentials: Option<Verb>,
    pub revoke: Option<Verb>,
    pub configure: Option<Verb>,
    pub upgrade: Option<Verb>,
    pub migrate: Option<Verb>,
    pub destroy: Option<Verb>,
    pub ops: *const *const Op,
    pub nops: usize,
    pub get_extension: Option<unsafe extern "C" fn(*const c_char) -> *const c_void>,
}

#[repr(C)]
pub struct PluginRow {
    pub struct_size: u32,
    pub abi_minor: u32,
    pub min_host_minor: u32,
    pub state_format: u32,
    pub id: *const c_char,
    pub version: *const c_char,
    pub vendor: *const c_char,
    pub license: *const c_char,
    pub url: *const c_char,
    pub packages: *const *const c_char,
    pub types: *const *const Type,
    pub ntypes: usize,
    pub init: Option<unsafe extern "C" fn(*const Host, *mut ImpCall) -> ImpStatus>,
}

impl Str {
    /// A view of a text or bytes, valid as long as they are. NULL when empty.
    pub fn of(bytes: &(impl AsRef<[u8]> + ?Sized)) -> Str {
        let bytes = bytes.as_ref();
        Str { ptr: if bytes.is_empty() { std::ptr::null() } else { bytes.as_ptr().cast() }, len: bytes.len() }
    }

    /// The bytes.
    ///
    /// # Safety
    /// It must view memory that lives as long as `'a`.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.ptr.is_null() || self.len == 0 {
            return &[];
        }
        // SAFETY: the host's promise, and the caller's for the time.
        unsafe { std::slice::from_raw_parts(self.ptr.cast(), self.len) }
    }
}

// The layout is the ABI: as at the end of the header.
const _: () = {
    use std::mem::{offset_of as at, size_of as size};
    assert!(size::<*const c_void>() == 8 && size::<usize>() == 8);
    assert!(size::<Str>() == 16 && at!(Str, len) == 8);
    assert!(size::<ImpProblem>() == 80 && at!(ImpProblem, code) == 16 && at!(ImpProblem, detail) == 64);
    assert!(size::<Exec>() == 136 && at!(Exec, argv) == 24 && at!(Exec, user) == 56);
    assert!(at!(Exec, timeout_ms) == 104 && at!(Exec, out) == 112 && at!(Exec, exit_code) == 128);
    assert!(size::<ImpFile>() == 72 && at!(ImpFile, node) == 8 && at!(ImpFile, bytes) == 56);
    assert!(size::<Host>() == 240 && at!(Host, get_extension) == 40 && at!(Host, out_write) == 48);
    assert!(at!(Host, node_exec) == 136 && at!(Host, revocation_list) == 232);
    assert!(size::<Param>() == 48 && at!(Param, name) == 16 && at!(Param, schema_json) == 40);
    assert!(size::<Op>() == 64 && at!(Op, function) == 40 && at!(Op, nparams) == 56);
    assert!(size::<Type>() == 192 && at!(Type, validate) == 72 && at!(Type, destroy) == 160);
    assert!(at!(Type, ops) == 168 && at!(Type, get_extension) == 184);
    assert!(size::<PluginRow>() == 88 && at!(PluginRow, id) == 16 && at!(PluginRow, init) == 80);
};
