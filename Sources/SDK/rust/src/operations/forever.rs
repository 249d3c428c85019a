// SPDX-License-Identifier: Apache-2.0

use std::ffi::{c_char, CString};
use std::ptr;

/// C values that live as long as the process, as descriptors must: never freed on purpose.
pub(crate) struct Forever;

impl Forever {
    /// A text with a NUL ends there.
    pub(crate) fn text(text: &str) -> *const c_char {
        let bytes = text.split('\0').next().unwrap_or_default();
        CString::new(bytes).unwrap_or_default().into_raw()
    }

    /// NULL when empty.
    pub(crate) fn optional(text: &str) -> *const c_char {
        if text.is_empty() {
            ptr::null()
        } else {
            Forever::text(text)
        }
    }

    pub(crate) fn value<T>(value: T) -> *const T {
        Box::leak(Box::new(value))
    }

    /// NULL when empty.
    pub(crate) fn array<T>(values: Vec<T>) -> *const T {
        if values.is_empty() {
            ptr::null()
        } else {
            values.leak().as_ptr()
        }
    }

    /// NULL-terminated.
    pub(crate) fn list(texts: &[&str]) -> *const *const c_char {
        let mut rows: Vec<_> = texts.iter().map(|text| Forever::text(text)).collect();
        rows.push(ptr::null());
        Forever::array(rows)
    }
}
