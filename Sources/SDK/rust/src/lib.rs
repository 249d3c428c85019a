// SPDX-License-Identifier: Apache-2.0

//! SDK for plugins of Impresario in Rust: the C ABI of `impresario/plugin.h` behind a trait.
//!
//! A plugin is a `cdylib` crate. A type implements [`ClusterType`] and, for what it supports beside the required verbs, [`Membership`], [`Bindings`],
//! [`Configurable`], [`Upgradable`] or [`Migrating`]; [`plugin!`] makes the one exported function of it. Typed operations are written with
//! [`operation!`], which makes the table and the C function from one declaration.
//!
//! ```ignore
//! struct Etcd;
//! impl ClusterType for Etcd { … }
//! impresario::plugin! {
//!     id: "etcd", version: env!("CARGO_PKG_VERSION"), vendor: "Example", license: "Apache-2.0", packages: ["etcd-server"],
//!     types: [TypeEntry::of::<Etcd>()],
//! }
//! ```
//!
//! Every export has a barrier: an `Err` becomes the call's problem, a panic becomes `IMP_INTERNAL` with its message and place, and nothing unwinds into the
//! host. (So a plugin must not be built with `panic = "abort"`.) The process runs one call at a time on one thread and may be killed at any moment:
//! remember nothing in statics, ask the engine.

#![deny(missing_docs)]

pub mod abi;
mod barrier;
mod call;
mod certificates;
mod cluster_type;
mod context;
mod documents;
mod export;
pub mod json;
mod nodes;
mod operations;
mod problem;
mod service;
mod state;

pub use call::{Call, Severity};
pub use certificates::{CertificateProfile, KeyPair, Usage};
pub use cluster_type::{Bindings, ClusterType, Configurable, Membership, Migrating, TypeInfo, Upgradable};
pub use context::{Context, CredentialsRequest, Endpoint, Flavor, LeaveRequest, Node};
pub use documents::{Condition, Credentials, Exposure, Group, Health, HealthReport, NodeReport, NodeState, Plan, PlannedEndpoint, Spread, Validated};
pub use export::{export, Plugin, TypeEntry};
pub use json::Value;
pub use nodes::{Command, File, Outcome};
pub use operations::{NodeId, Operation};
pub use problem::{Owner, Problem, Status};
pub use service::{Ready, Service, ServiceState};

/// What verbs answer.
pub type Result<T> = std::result::Result<T, Problem>;

#[doc(hidden)]
pub mod macros {
    //! What expanded macros name; no part of the API.
    pub use crate::barrier::operation;
    pub use crate::operations::{bytes, optional_bytes, optional_texts, texts, Argument, Output, Row};
}
