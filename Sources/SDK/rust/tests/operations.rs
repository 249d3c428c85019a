// SPDX-License-Identifier: Apache-2.0

//! Typed operations as libffi calls them: the C function has the signature that its table says.

mod support;

use impresario::abi::{self, ImpCall, ImpOut};
use impresario::*;
use std::ffi::{c_char, CStr, CString};
use std::ptr;
use std::time::Duration;
use support::{document, host, FakeCall, ONE_AT_A_TIME};

type Everything = (String, Vec<u8>, Vec<String>, i64, Duration, bool);

operation! {
    /// Every type once, both ways.
    all = "all-types", "Every type.", READONLY | IDEMPOTENT;
    in a: bool, "A truth value.";
    in b: i32, "b.", default "-1";
    in c: u32, "c.", schema r#"{"minimum": 1}"#;
    in d: i64, "d.", default "4", schema r#"{"maximum": 9}"#;
    in e: u64, "e.";
    in f: f64, "f.";
    in g: String, "g.", secret;
    in h: Value, "h.";
    in i: NodeId, "i.";
    in j: Duration, "j.";
    in k: Vec<u8>, "k.";
    in two_words: Vec<String>, "l.";
    in m: Option<Vec<u8>>, "m.";
    in n: Option<Vec<String>>, "n.";
    in o: Option<String>, "o.";
    in p: Option<Value>, "p.";
    out said: String, "All of it.";
    out data: Vec<u8>, "Bytes.", secret;
    out list: Vec<String>, "Texts.";
    out whole: i64, "A number.";
    out took: Duration, "A time.";
    out yes: bool, "A truth value.";
    |call| -> Result<Everything> {
        let said = format!("{a} {b} {c} {d} {e} {f} {g} {h} {i:?} {j:?} {k:?} {two_words:?} {m:?} {n:?} {o:?} {p:?} {}", call.context().cluster_name);
        Ok((said, k, two_words, d, j, a))
    }
}

operation! {
    none = "none", "Nothing in, nothing out.", NONE;
    |_call| -> Result<()> {
        Ok(())
    }
}

operation! {
    picky = "picky", "Fails.", DESTRUCTIVE | LONG;
    in a_duration: Duration, "How long.";
    in h: Value, "JSON.";
    out n: u32, "A number.";
    |_call| -> Result<u32> {
        if h == Value::Null {
            panic!("no {a_duration:?}");
        }
        Ok(7)
    }
}

struct Toy;

impl ClusterType for Toy {
    fn info() -> TypeInfo {
        TypeInfo { id: "toy", create_schema: json!({}), ..Default::default() }
    }
    fn operations() -> Vec<Operation> {
        vec![all(), none(), picky()]
    }
    fn validate(_: &Context) -> Result<Validated> {
        Ok(Validated::default())
    }
    fn plan(_: &Context) -> Result<Plan> {
        Ok(Plan::default())
    }
    fn bootstrap(_: &Call) -> Result<Vec<String>> {
        Ok(vec![])
    }
    fn health(_: &Call) -> Result<HealthReport> {
        Err(Problem::unavailable("toy.away", "It is away."))
    }
}

impresario::plugin! { id: "toy", version: "1.0.0", vendor: "Tests", license: "Apache-2.0", types: [TypeEntry::of::<Toy>()] }

fn operation(index: usize) -> &'static abi::Op {
    unsafe {
        let row = &*imp_plugin_v0(0);
        row.init.unwrap()(host(), ptr::null_mut());
        &**(**row.types).ops.add(index)
    }
}

fn text(c: *const c_char) -> String {
    if c.is_null() {
        String::new()
    } else {
        unsafe { CStr::from_ptr(c) }.to_str().unwrap().into()
    }
}

#[test]
fn the_table_says_what_the_function_takes() {
    let all = operation(0);
    assert_eq!((text(all.id).as_str(), all.flags, all.nparams), ("all-types", abi::O_READONLY | abi::O_IDEMPOTENT, 22));
    let rows: Vec<String> = (0..all.nparams)
        .map(|index| unsafe {
            let row = &**all.params.add(index);
            assert_eq!(row.struct_size, 48);
            format!("{} {} {} {}{}", text(row.name), row.kind, row.flags, text(row.default_json), text(row.schema_json))
        })
        .collect();
    assert_eq!(
        rows,
        [
            "a 1 0 ",
            "b 2 2 -1",
            "c 3 0 {\"minimum\": 1}",
            "d 4 2 4{\"maximum\": 9}",
            "e 5 0 ",
            "f 6 0 ",
            "g 7 4 ",
            "h 8 0 ",
            "i 9 0 ",
            "j 10 0 ",
            "k 11 0 ",
            "two-words 12 0 ",
            "m 11 2 ",
            "n 12 2 ",
            "o 7 2 ",
            "p 8 2 ",
            "said 7 1 ",
            "data 11 5 ",
            "list 12 1 ",
            "whole 4 1 ",
            "took 10 1 ",
            "yes 1 1 ",
        ]
    );
    assert_eq!((operation(1).nparams, operation(1).flags), (0, 0));
    assert_eq!(operation(2).flags, abi::O_DESTRUCTIVE | abi::O_LONG);
}

#[rustfmt::skip]
type AllTypes = extern "C" fn(
    *mut ImpCall, u8, i32, u32, i64, u64, f64, *const c_char, *const c_char, *const c_char, i64, *const u8, usize, *const *const c_char, usize,
    *const u8, usize, *const *const c_char, usize, *const c_char, *const c_char,
    *mut ImpOut, *mut ImpOut, *mut ImpOut, *mut i64, *mut i64, *mut u8,
) -> i32;

#[test]
fn every_type_arrives_and_returns() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let function: AllTypes = unsafe { std::mem::transmute(operation(0).function) };
    let mut fake = FakeCall { document: document("{}"), ..Default::default() };
    let texts: Vec<CString> = ["geheim", "[1, 2]", "n1", "x", ""].map(|text| CString::new(text).unwrap()).into();
    let list = [texts[3].as_ptr(), texts[4].as_ptr()];
    let bytes = [0u8, 255];
    let (mut said, mut data, mut strings) = (Vec::<u8>::new(), Vec::<u8>::new(), Vec::<u8>::new());
    let (mut whole, mut took, mut yes) = (0i64, 0i64, 0u8);
    #[rustfmt::skip]
    let status = function(
        (&raw mut fake).cast(), 1, -2, 3, i64::MIN, u64::MAX, 0.5, texts[0].as_ptr(), texts[1].as_ptr(), texts[2].as_ptr(), 1_500_000_000,
        bytes.as_ptr(), 2, list.as_ptr(), 2, ptr::null(), 0, list.as_ptr(), 1, ptr::null(), texts[1].as_ptr(),
        (&raw mut said).cast(), (&raw mut data).cast(), (&raw mut strings).cast(), &mut whole, &mut took, &mut yes,
    );
    assert_eq!(status, 0, "{:?}", fake.failure);
    assert_eq!(
        String::from_utf8(said).unwrap(),
        "true -2 3 -9223372036854775808 18446744073709551615 0.5 geheim [1,2] NodeId(\"n1\") 1.5s [0, 255] [\"x\", \"\"] None Some([\"x\"]) None \
         Some(Array([Int(1), Int(2)])) web"
    );
    assert_eq!((data.as_slice(), strings.as_slice(), whole, took, yes), (bytes.as_slice(), b"x\0\0".as_slice(), i64::MIN, 1_500_000_000, 1));
}

#[test]
fn wrong_arguments_and_panics_are_problems() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let function: extern "C" fn(*mut ImpCall, i64, *const c_char, *mut u32) -> i32 = unsafe { std::mem::transmute(operation(2).function) };
    let call = |duration: i64, json: &CStr| {
        let mut fake = FakeCall { document: document("{}"), ..Default::default() };
        let mut n = 0;
        let status = function((&raw mut fake).cast(), duration, json.as_ptr(), &mut n);
        (status, n, fake.failure.map(|failure| (failure.1, failure.2)))
    };
    let problem = |code: &str, field: &str| Some((code.to_string(), field.to_string()));
    assert_eq!(call(1, c"1"), (0, 7, None));
    assert_eq!(call(-1, c"1"), (1, 0, problem("sdk.negative-duration", "/a-duration")));
    assert_eq!(call(1, c"{"), (1, 0, problem("sdk.invalid-json", "/h")));
    assert_eq!(call(1, c"null"), (13, 0, problem("sdk.panic", "")));
}
