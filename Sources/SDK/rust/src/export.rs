// SPDX-License-Identifier: Apache-2.0

use crate::abi::{self, ImpCall, ImpOut, ImpStatus, PluginRow, Str, Verb, ABI_MINOR};
use crate::operations::{Forever, Operation};
use crate::{barrier, Bindings, ClusterType, Configurable, CredentialsRequest, LeaveRequest, Membership, Migrating, TypeInfo, Upgradable, Value};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr;
use std::sync::OnceLock;

/// What the descriptor says; [`crate::plugin!`] fills it in.
#[derive(Default)]
pub struct Plugin {
    /// A DNS label.
    pub id: &'static str,
    /// Semantic version.
    pub version: &'static str,
    /// Who made it.
    pub vendor: &'static str,
    /// SPDX expression.
    pub license: &'static str,
    /// Where to read more, or empty.
    pub url: &'static str,
    /// Debian packages that plans may ask for.
    pub packages: Vec<&'static str>,
    /// Grows when state written by older versions must go through [`Migrating`]; 0 counts as 1.
    pub state_format: u32,
    /// 1 … 16 kinds of cluster.
    pub types: Vec<TypeEntry>,
}

/// A kind of cluster and the verbs that it has.
pub struct TypeEntry {
    info: TypeInfo,
    operations: Vec<Operation>,
    row: abi::Type,
}

impl TypeEntry {
    /// With the required verbs; `with_…` adds others, and compiles only when their trait is implemented.
    pub fn of<T: ClusterType>() -> TypeEntry {
        TypeEntry {
            info: T::info(),
            operations: T::operations(),
            row: abi::Type {
                struct_size: size_of::<abi::Type>() as u32,
                flags: 0,
                id: ptr::null(),
                name: ptr::null(),
                summary: ptr::null(),
                description_md: ptr::null(),
                capabilities: ptr::null(),
                create_schema: ptr::null(),
                update_schema: ptr::null(),
                binding_schema: ptr::null(),
                validate: Some(validate::<T>),
                plan: Some(plan::<T>),
                bootstrap: Some(bootstrap::<T>),
                join: None,
                leave: None,
                health: Some(health::<T>),
                credentials: None,
                revoke: None,
                configure: None,
                upgrade: None,
                migrate: None,
                destroy: Some(destroy::<T>),
                ops: ptr::null(),
                nops: 0,
                get_extension: None,
            },
        }
    }

    /// `join` and `leave`.
    pub fn with_membership<T: Membership>(self) -> TypeEntry {
        self.with(|row| (row.join, row.leave) = (Some(join::<T> as Verb), Some(leave::<T> as Verb)))
    }

    /// `credentials` and `revoke`.
    pub fn with_bindings<T: Bindings>(self) -> TypeEntry {
        self.with(|row| (row.credentials, row.revoke) = (Some(credentials::<T> as Verb), Some(revoke::<T> as Verb)))
    }

    /// `configure`.
    pub fn with_configure<T: Configurable>(self) -> TypeEntry {
        self.with(|row| row.configure = Some(configure::<T>))
    }

    /// `upgrade`.
    pub fn with_upgrade<T: Upgradable>(self) -> TypeEntry {
        self.with(|row| row.upgrade = Some(upgrade::<T>))
    }

    /// `migrate`.
    pub fn with_migrate<T: Migrating>(self) -> TypeEntry {
        self.with(|row| row.migrate = Some(migrate::<T>))
    }

    fn with(mut self, change: impl FnOnce(&mut abi::Type)) -> TypeEntry {
        change(&mut self.row);
        self
    }

    fn leak(mut self) -> *const abi::Type {
        let info = &self.info;
        self.row.id = Forever::text(info.id);
        self.row.name = Forever::text(info.name);
        self.row.summary = Forever::text(info.summary);
        self.row.description_md = Forever::optional(info.description);
        self.row.capabilities = Forever::list(&info.capabilities);
        self.row.create_schema = Forever::text(&info.create_schema.to_string());
        self.row.update_schema = info.update_schema.as_ref().map_or(ptr::null(), |schema| Forever::text(&schema.to_string()));
        self.row.binding_schema = info.binding_schema.as_ref().map_or(ptr::null(), |schema| Forever::text(&schema.to_string()));
        self.row.nops = self.operations.len();
        self.row.ops = Forever::array(self.operations.iter().map(Operation::leak).collect());
        Forever::value(self.row)
    }
}

/// What the one exported function does: makes the descriptor, once in a process. NULL, which the host refuses, when `describe` panics.
pub fn export(_host_minor: u32, describe: impl FnOnce() -> Plugin) -> *const PluginRow {
    /// The descriptor's address: pointers are not shared between threads by themselves.
    static DESCRIPTOR: OnceLock<usize> = OnceLock::new();
    let made = catch_unwind(AssertUnwindSafe(|| {
        *DESCRIPTOR.get_or_init(|| {
            let plugin = describe();
            let types: Vec<_> = plugin.types.into_iter().map(TypeEntry::leak).collect();
            Forever::value(PluginRow {
                struct_size: size_of::<PluginRow>() as u32,
                abi_minor: ABI_MINOR,
                min_host_minor: 0,
                state_format: plugin.state_format.max(1),
                id: Forever::text(plugin.id),
                version: Forever::text(plugin.version),
                vendor: Forever::text(plugin.vendor),
                license: Forever::text(plugin.license),
                url: Forever::optional(plugin.url),
                packages: Forever::list(&plugin.packages),
                ntypes: types.len(),
                types: Forever::array(types),
                init: Some(barrier::init),
            }) as usize
        })
    }));
    made.unwrap_or(0) as *const PluginRow
}

/// Makes the one exported function, `imp_plugin_v0`. Members are those of [`Plugin`]; `packages` and `types` are lists in brackets.
#[macro_export]
macro_rules! plugin {
    ($($member:ident : $value:tt $($rest:tt)*)?) => {
        /// What the host calls first.
        #[no_mangle]
        pub extern "C" fn imp_plugin_v0(host_minor: u32) -> *const $crate::abi::PluginRow {
            $crate::export(host_minor, || $crate::plugin!(@fields [] $($member : $value $($rest)*)?))
        }
    };
    (@fields [$($done:tt)*]) => { $crate::Plugin { $($done)* ..Default::default() } };
    (@fields [$($done:tt)*] packages: [$($package:expr),* $(,)?] $(, $($rest:tt)*)?) => {
        $crate::plugin!(@fields [$($done)* packages: vec![$($package),*],] $($($rest)*)?)
    };
    (@fields [$($done:tt)*] types: [$($entry:expr),* $(,)?] $(, $($rest:tt)*)?) => {
        $crate::plugin!(@fields [$($done)* types: vec![$($entry),*],] $($($rest)*)?)
    };
    (@fields [$($done:tt)*] $member:ident : $value:expr $(, $($rest:tt)*)?) => {
        $crate::plugin!(@fields [$($done)* $member: $value,] $($($rest)*)?)
    };
}

fn joined(ids: Vec<String>) -> Option<Value> {
    Some(Value::object().with("joined", ids))
}

macro_rules! verbs {
    ($($name:ident: $bound:ident, |$call:ident| $body:expr;)*) => {
        $(unsafe extern "C" fn $name<T: $bound>(call: *mut ImpCall, input: Str, out: *mut ImpOut) -> ImpStatus {
            // SAFETY: these are the host's.
            unsafe { barrier::verb(call, input, out, |$call| $body) }
        })*
    };
}

verbs! {
    validate: ClusterType, |call| {
        let mut context = call.context().clone();
        if let Some(params) = context.args.get("params") {
            context.params = params.clone();
        }
        T::validate(&context).map(|answer| Some(answer.json()))
    };
    plan: ClusterType, |call| T::plan(call.context()).map(|answer| Some(answer.json()));
    bootstrap: ClusterType, |call| T::bootstrap(call).map(joined);
    join: Membership, |call| T::join(call, &call.context().named_nodes()?).map(joined);
    leave: Membership, |call| {
        let context = call.context();
        let is_lost = context.args.get("lost").and_then(Value::bool).unwrap_or(false);
        T::leave(call, &LeaveRequest { nodes: context.named_nodes()?, is_lost, drain_time: context.seconds("drain_deadline") })?;
        Ok(None)
    };
    health: ClusterType, |call| T::health(call).map(|answer| Some(answer.json()));
    credentials: Bindings, |call| {
        let context = call.context();
        let role = context.args.get("role").and_then(Value::text).map(Into::into);
        let request = CredentialsRequest { binding: context.argument("binding")?, role, ttl: context.seconds("ttl") };
        T::credentials(call, &request).map(|answer| Some(answer.json()))
    };
    revoke: Bindings, |call| {
        T::revoke(call, &call.context().argument("binding")?)?;
        Ok(None)
    };
    configure: Configurable, |call| {
        let args = &call.context().args;
        T::configure(call, args.get("old").unwrap_or(&Value::Null), args.get("new").unwrap_or(&Value::Null))?;
        Ok(None)
    };
    upgrade: Upgradable, |call| {
        T::upgrade(call)?;
        Ok(None)
    };
    migrate: Migrating, |call| {
        let number = |member: &str| call.context().args.get(member).and_then(Value::int).unwrap_or(0);
        T::migrate(call, number("from"), number("to"))?;
        Ok(None)
    };
    destroy: ClusterType, |call| {
        T::destroy(call)?;
        Ok(None)
    };
}
