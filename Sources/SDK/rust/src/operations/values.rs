// SPDX-License-Identifier: Apache-2.0

use crate::abi::{self, ImpOut};
use crate::{json, Call, Problem, Result, Value};
use std::ffi::{c_char, CStr};
use std::time::Duration;

/// The id of a node of the cluster; the host has checked that there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeId(pub String);

/// What a typed operation can take as one C parameter. `Vec<u8>` and `Vec<String>` take two; the macro knows.
pub trait Argument: Sized {
    /// `abi::BOOL` …
    const KIND: u32;
    /// Whether it may be left out without a default.
    const IS_OPTIONAL: bool = false;
    /// As it stands in the C function.
    type C;
    /// Copies it.
    ///
    /// # Safety
    /// What it points to must be valid.
    unsafe fn read(c: Self::C) -> Result<Self>;
}

/// What a typed operation can return: one C parameter each, a place or a sink.
pub trait Output {
    /// `abi::BOOL` …
    const KIND: u32;
    /// What the C parameter points to.
    type Place;
    /// Stores it where the host wants it.
    ///
    /// # Safety
    /// The place must be the host's.
    unsafe fn write(self, place: *mut Self::Place, call: &Call) -> Result<()>;
}

macro_rules! numbers {
    ($($type:ty, $kind:ident;)*) => {
        $(impl Argument for $type {
            const KIND: u32 = abi::$kind;
            type C = $type;
            unsafe fn read(c: $type) -> Result<$type> { Ok(c) }
        }
        impl Output for $type {
            const KIND: u32 = abi::$kind;
            type Place = $type;
            unsafe fn write(self, place: *mut $type, _: &Call) -> Result<()> {
                // SAFETY: the caller's promise.
                unsafe { place.write(self) };
                Ok(())
            }
        })*
    };
}

numbers! { i32, I32; u32, U32; i64, I64; u64, U64; f64, F64; }

impl Argument for bool {
    const KIND: u32 = abi::BOOL;
    type C = u8;
    unsafe fn read(c: u8) -> Result<bool> {
        Ok(c != 0)
    }
}

impl Output for bool {
    const KIND: u32 = abi::BOOL;
    type Place = u8;
    unsafe fn write(self, place: *mut u8, _: &Call) -> Result<()> {
        // SAFETY: the caller's promise.
        unsafe { place.write(u8::from(self)) };
        Ok(())
    }
}

impl Argument for Duration {
    const KIND: u32 = abi::DURATION;
    type C = i64;
    unsafe fn read(c: i64) -> Result<Duration> {
        u64::try_from(c).map(Duration::from_nanos).map_err(|_| Problem::invalid("sdk.negative-duration", "", "A duration is negative."))
    }
}

impl Output for Duration {
    const KIND: u32 = abi::DURATION;
    type Place = i64;
    unsafe fn write(self, place: *mut i64, _: &Call) -> Result<()> {
        // SAFETY: the caller's promise.
        unsafe { place.write(i64::try_from(self.as_nanos()).unwrap_or(i64::MAX)) };
        Ok(())
    }
}

/// What is a NUL-terminated text in C.
trait Textual: Sized {
    const KIND: u32;
    fn of(text: String) -> Result<Self>;
    fn text(&self) -> String;
}

impl Textual for String {
    const KIND: u32 = abi::STR;
    fn of(text: String) -> Result<String> {
        Ok(text)
    }
    fn text(&self) -> String {
        self.clone()
    }
}

impl Textual for NodeId {
    const KIND: u32 = abi::NODE;
    fn of(text: String) -> Result<NodeId> {
        Ok(NodeId(text))
    }
    fn text(&self) -> String {
        self.0.clone()
    }
}

impl Textual for Value {
    const KIND: u32 = abi::JSON;
    fn of(text: String) -> Result<Value> {
        json::parse(&text).map_err(|error| Problem::invalid("sdk.invalid-json", "", "An argument is no JSON.").detail(error.to_string()))
    }
    fn text(&self) -> String {
        self.to_string()
    }
}

/// Copies a C text; NULL is empty.
unsafe fn copied(c: *const c_char) -> String {
    if c.is_null() {
        return String::new();
    }
    // SAFETY: the host's texts end with a NUL.
    unsafe { CStr::from_ptr(c) }.to_string_lossy().into_owned()
}

macro_rules! texts {
    ($($type:ty;)*) => {
        $(impl Argument for $type {
            const KIND: u32 = <$type as Textual>::KIND;
            type C = *const c_char;
            unsafe fn read(c: *const c_char) -> Result<$type> {
                // SAFETY: the caller's promise.
                <$type as Textual>::of(unsafe { copied(c) })
            }
        }
        impl Argument for Option<$type> {
            const KIND: u32 = <$type as Textual>::KIND;
            const IS_OPTIONAL: bool = true;
            type C = *const c_char;
            unsafe fn read(c: *const c_char) -> Result<Option<$type>> {
                // SAFETY: the caller's promise.
                if c.is_null() { Ok(None) } else { <$type as Textual>::of(unsafe { copied(c) }).map(Some) }
            }
        }
        impl Output for $type {
            const KIND: u32 = <$type as Textual>::KIND;
            type Place = ImpOut;
            unsafe fn write(self, place: *mut ImpOut, call: &Call) -> Result<()> {
                call.append(place, Textual::text(&self).as_bytes())
            }
        })*
    };
}

texts! { String; NodeId; Value; }

impl Output for Vec<u8> {
    const KIND: u32 = abi::BYTES;
    type Place = ImpOut;
    unsafe fn write(self, place: *mut ImpOut, call: &Call) -> Result<()> {
        call.append(place, &self)
    }
}

impl Output for Vec<String> {
    const KIND: u32 = abi::STRS;
    type Place = ImpOut;
    unsafe fn write(self, place: *mut ImpOut, call: &Call) -> Result<()> {
        let mut bytes = Vec::new();
        for text in self {
            bytes.extend(text.bytes());
            bytes.push(0);
        }
        call.append(place, &bytes)
    }
}

/// The two C parameters of `IMP_BYTES`, copied.
///
/// # Safety
/// They must be the host's.
pub unsafe fn bytes(first: *const u8, count: usize) -> Vec<u8> {
    if first.is_null() || count == 0 {
        return Vec::new();
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(first, count) }.to_vec()
}

/// As [`bytes`]; None for NULL.
///
/// # Safety
/// They must be the host's.
pub unsafe fn optional_bytes(first: *const u8, count: usize) -> Option<Vec<u8>> {
    // SAFETY: the caller's promise.
    if first.is_null() {
        None
    } else {
        Some(unsafe { bytes(first, count) })
    }
}

/// The two C parameters of `IMP_STRS`, copied.
///
/// # Safety
/// They must be the host's.
pub unsafe fn texts(first: *const *const c_char, count: usize) -> Vec<String> {
    if first.is_null() || count == 0 {
        return Vec::new();
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(first, count).iter().map(|text| copied(*text)).collect() }
}

/// As [`texts`]; None for NULL.
///
/// # Safety
/// They must be the host's.
pub unsafe fn optional_texts(first: *const *const c_char, count: usize) -> Option<Vec<String>> {
    // SAFETY: the caller's promise.
    if first.is_null() {
        None
    } else {
        Some(unsafe { texts(first, count) })
    }
}
