// SPDX-License-Identifier: Apache-2.0

//! A small JSON value: what documents, parameters and schemas are made of.

mod parse;
mod print;

pub use parse::{parse, ParseError};
use std::collections::BTreeMap;

/// Any JSON document. Whole numbers that fit 64 bits stay whole; members are sorted, so equal values have equal texts.
#[derive(Clone, Debug, PartialEq, Default)]
#[allow(missing_docs)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Array(Vec<Value>),
    Object(BTreeMap<String, Value>),
}

impl Value {
    /// An empty object.
    pub fn object() -> Value {
        Value::Object(BTreeMap::new())
    }

    /// The member of an object; None for any other kind of value or a missing member.
    pub fn get(&self, member: &str) -> Option<&Value> {
        self.members()?.get(member)
    }

    /// What a path of members leads to: `v.at(&["meta_cluster", "leader"])`.
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(self, |value, member| value.get(member))
    }

    /// The same object with a member more; anything else becomes an object.
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Value {
        self.set(member, value);
        self
    }

    /// Sets a member; anything but an object becomes one.
    pub fn set(&mut self, member: &str, value: impl Into<Value>) {
        if let Value::Object(members) = self {
            members.insert(member.into(), value.into());
        } else {
            *self = Value::Object(BTreeMap::from([(member.into(), value.into())]));
        }
    }

    /// The text, None for another kind of value.
    pub fn text(&self) -> Option<&str> {
        if let Value::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The whole number, None for another kind of value.
    pub fn int(&self) -> Option<i64> {
        if let Value::Int(number) = self {
            Some(*number)
        } else {
            None
        }
    }

    /// The number, whole or not, None for another kind of value.
    pub fn float(&self) -> Option<f64> {
        match self {
            Value::Int(number) => Some(*number as f64),
            Value::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// The truth value, None for another kind of value.
    pub fn bool(&self) -> Option<bool> {
        if let Value::Bool(value) = self {
            Some(*value)
        } else {
            None
        }
    }

    /// The elements, None for another kind of value.
    pub fn array(&self) -> Option<&[Value]> {
        if let Value::Array(elements) = self {
            Some(elements)
        } else {
            None
        }
    }

    /// The members, None for another kind of value.
    pub fn members(&self) -> Option<&BTreeMap<String, Value>> {
        if let Value::Object(members) = self {
            Some(members)
        } else {
            None
        }
    }
}

macro_rules! from {
    ($($type:ty => $value:ident $make:expr;)*) => {
        $(impl From<$type> for Value {
            fn from($value: $type) -> Value { $make }
        })*
    };
}

from! {
    bool => v Value::Bool(v);
    i32 => v Value::Int(v.into());
    u32 => v Value::Int(v.into());
    i64 => v Value::Int(v);
    usize => v Value::from(v as u64);
    u64 => v i64::try_from(v).map_or_else(|_| Value::Text(v.to_string()), Value::Int);
    f64 => v Value::Float(v);
    &str => v Value::Text(v.into());
    &String => v Value::Text(v.clone());
    String => v Value::Text(v);
    BTreeMap<String, Value> => v Value::Object(v);
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Value {
        Value::Array(values.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

impl<T: Into<Value>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Value {
        Value::Array(values.into_iter().map(Into::into).collect())
    }
}

/// A [`Value`] written as JSON. Each value is a literal, `null`, `[…]`, `{…}`, or an expression in parentheses:
///
/// ```
/// let count = 3;
/// let plan = impresario::json!({"groups": [{"name": "servers", "count": (count)}], "version": null});
/// assert_eq!(plan.to_string(), r#"{"groups":[{"count":3,"name":"servers"}],"version":null}"#);
/// ```
#[macro_export]
macro_rules! json {
    (null) => { $crate::Value::Null };
    ([ $($element:tt),* $(,)? ]) => { $crate::Value::Array(vec![$($crate::json!($element)),*]) };
    ({ $($member:literal : $value:tt),* $(,)? }) => {
        $crate::Value::object()$(.with($member, $crate::json!($value)))*
    };
    ($value:expr) => { $crate::Value::from($value) };
}
