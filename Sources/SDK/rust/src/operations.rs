// SPDX-License-Identifier: Apache-2.0

//! Typed operations: plain C functions with natural signatures, described in a table. Both come from one declaration.

mod forever;
mod macros;
mod values;

pub(crate) use forever::Forever;
pub use values::{bytes, optional_bytes, optional_texts, texts, Argument, NodeId, Output};

use crate::abi::{Op, Param, P_OPTIONAL, P_OUT, P_SECRET};
use std::ffi::c_void;
use std::ptr;

/// An operation of a type's own, made by [`crate::operation!`].
pub struct Operation {
    pub(crate) id: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) flags: u32,
    pub(crate) function: *const c_void,
    pub(crate) rows: Vec<Row>,
}

/// A row of the table that the host reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[doc(hidden)]
pub struct Row {
    /// `abi::BOOL` … `abi::STRS`
    pub kind: u32,
    /// A result.
    pub is_out: bool,
    /// May be left out.
    pub is_optional: bool,
    /// Never logged.
    pub is_secret: bool,
    /// As a Rust identifier; `_` becomes `-`.
    pub name: &'static str,
    /// One line.
    pub summary: &'static str,
    /// JSON, or empty.
    pub default: &'static str,
    /// JSON Schema, or empty.
    pub schema: &'static str,
}

impl Operation {
    /// For [`crate::operation!`] only: table and function must agree.
    #[doc(hidden)]
    pub fn new(id: &'static str, summary: &'static str, flags: u32, function: *const c_void, rows: Vec<Row>) -> Operation {
        Operation { id, summary, flags, function, rows }
    }

    pub(crate) fn leak(&self) -> *const Op {
        Forever::value(Op {
            struct_size: size_of::<Op>() as u32,
            flags: self.flags,
            id: Forever::text(self.id),
            summary: Forever::text(self.summary),
            since: ptr::null(),
            deprecated: ptr::null(),
            function: self.function,
            params: Forever::array(self.rows.iter().map(Row::leak).collect()),
            nparams: self.rows.len(),
        })
    }
}

impl Row {
    fn leak(&self) -> *const Param {
        let is_optional = self.is_optional || !self.default.is_empty();
        let flag = |is_set: bool, flag: u32| if is_set { flag } else { 0 };
        Forever::value(Param {
            struct_size: size_of::<Param>() as u32,
            kind: self.kind,
            flags: flag(self.is_out, P_OUT) | flag(is_optional, P_OPTIONAL) | flag(self.is_secret, P_SECRET),
            reserved: 0,
            name: Forever::text(&self.name.replace('_', "-")),
            summary: Forever::text(self.summary),
            default_json: Forever::optional(self.default),
            schema_json: Forever::optional(self.schema),
        })
    }
}
