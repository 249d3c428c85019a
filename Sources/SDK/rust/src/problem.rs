// SPDX-License-Identifier: Apache-2.0

use crate::abi;
use std::fmt;

/// The class of a failure: one of the codes below, or 1000 and above for the plugin's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub i32);

#[allow(missing_docs)] // They stand in the header.
impl Status {
    pub const INVALID: Status = Status(1);
    pub const NOT_FOUND: Status = Status(2);
    pub const EXISTS: Status = Status(3);
    pub const DENIED: Status = Status(4);
    pub const CONFLICT: Status = Status(5);
    pub const PRECONDITION: Status = Status(6);
    pub const EXHAUSTED: Status = Status(7);
    pub const BUSY: Status = Status(8);
    pub const CANCELLED: Status = Status(9);
    pub const DEADLINE: Status = Status(10);
    pub const UNAVAILABLE: Status = Status(11);
    pub const UNIMPLEMENTED: Status = Status(12);
    pub const INTERNAL: Status = Status(13);
}

/// Who can mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
#[allow(missing_docs)]
pub enum Owner {
    Tenant = 1,
    Admin = 2,
    Plugin = 3,
    Infrastructure = 4,
}

/// Why a call failed, in a form that a stranger can act on. Verbs answer it; host calls do too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The class of failure.
    pub status: Status,
    /// Stable, for programs: `plan.too-few-servers`. Dotted DNS labels.
    pub code: String,
    /// For the tenant: a sentence or two, no secrets.
    pub message: String,
    /// JSON pointer into the parameters or arguments, or empty.
    pub field: String,
    /// For the log and the admin, or empty.
    pub detail: String,
    /// None: derived from the status.
    pub owner: Option<Owner>,
    /// `abi::E_*`.
    pub flags: u32,
}

impl Problem {
    /// A problem. What is `UNAVAILABLE` can be tried again.
    pub fn new(status: Status, code: &str, message: impl Into<String>) -> Problem {
        let flags = if status == Status::UNAVAILABLE { abi::E_RETRY } else { 0 };
        Problem { status, code: code.into(), message: message.into(), field: String::new(), detail: String::new(), owner: None, flags }
    }

    /// An argument or parameter of the tenant's is wrong.
    pub fn invalid(code: &str, field: &str, message: impl Into<String>) -> Problem {
        Problem::new(Status::INVALID, code, message).field(field).owner(Owner::Tenant)
    }

    /// It may work later.
    pub fn unavailable(code: &str, message: impl Into<String>) -> Problem {
        Problem::new(Status::UNAVAILABLE, code, message)
    }

    /// Where in the parameters or arguments, as JSON pointer.
    pub fn field(mut self, field: &str) -> Problem {
        self.field = field.into();
        self
    }

    /// For the log and the admin; no secrets.
    pub fn detail(mut self, detail: impl Into<String>) -> Problem {
        self.detail = detail.into();
        self
    }

    /// Who can mend it.
    pub fn owner(mut self, owner: Owner) -> Problem {
        self.owner = Some(owner);
        self
    }

    /// The same call can succeed later.
    pub fn is_retryable(&self) -> bool {
        self.flags & abi::E_RETRY != 0
    }

    pub(crate) fn cancelled() -> Problem {
        Problem::new(Status::CANCELLED, "sdk.cancelled", "The call was cancelled.")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        if self.detail.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", self.detail)
        }
    }
}

impl std::error::Error for Problem {}
