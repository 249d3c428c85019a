// SPDX-License-Identifier: Apache-2.0

/// Declares a typed operation: a function that makes the [`crate::Operation`], table and C function from this one source.
///
/// ```
/// use impresario::{operation, Result};
/// operation! {
///     /// Changes the limit.
///     pub set_limit = "set-limit", "Changes the limit of one user.", IDEMPOTENT;
///     in user: String, "Whose limit.";
///     in limit: i64, "In bytes.", default "4096", schema r#"{"minimum": 0}"#;
///     out before: i64, "What it was.";
///     |call| -> Result<i64> {
///         call.progress(0.5, "Changing the limit");
///         Ok(if user == "root" { 0 } else { limit })
///     }
/// }
/// let operation: impresario::Operation = set_limit();
/// ```
///
/// * Flags: `READONLY`, `IDEMPOTENT`, `DESTRUCTIVE`, `LONG`, joined by `|`, or `NONE`.
/// * `in` rows: `bool`, `i32`, `u32`, `i64`, `u64`, `f64`, `Duration`, `String`, `Value`, `NodeId`, `Vec<u8>`, `Vec<String>`, and `Option` of the last five; then a
///   summary and, in this order, `default JSON`, `schema JSON`, `secret`. A default makes a parameter optional.
/// * `out` rows: the same types without `Option`. The body answers `Result<()>`, `Result<T>`, or `Result<(T, U, …)>` for several.
/// * Names become DNS labels: `max_age` is `max-age`.
#[macro_export]
macro_rules! operation {
    ($(#[$doc:meta])* $visible:vis $name:ident = $id:literal, $summary:literal, $($flag:ident)|+; $($rest:tt)*) => {
        $(#[$doc])*
        $visible fn $name() -> $crate::Operation {
            $crate::operation!(@row [$id, $summary, 0 $(| $crate::operation!(@flag $flag))+] [] [] [] [] $($rest)*)
        }
    };

    (@flag NONE) => { 0 };
    (@flag READONLY) => { $crate::abi::O_READONLY };
    (@flag IDEMPOTENT) => { $crate::abi::O_IDEMPOTENT };
    (@flag DESTRUCTIVE) => { $crate::abi::O_DESTRUCTIVE };
    (@flag LONG) => { $crate::abi::O_LONG };

    // One row after the other: head, C parameters, copies of arguments, results, rows of the table. Names made here are of this step only, so the
    // `count` of one row is not that of another.
    (@row $head:tt [$($c:tt)*] [$($read:tt)*] $out:tt [$($row:tt)*] in $name:ident : Vec<u8>, $summary:literal $(, $key:ident $($value:literal)?)*; $($rest:tt)*) => {
        $crate::operation!(@row $head [$($c)* $name: *const u8, count: usize,] [$($read)* let $name = unsafe { $crate::macros::bytes($name, count) };] $out
            [$($row)* $crate::operation!(@entry $name, $summary, $crate::abi::BYTES, false, false $(, $key $($value)?)*),] $($rest)*)
    };
    (@row $head:tt [$($c:tt)*] [$($read:tt)*] $out:tt [$($row:tt)*] in $name:ident : Option<Vec<u8>>, $summary:literal $(, $key:ident $($value:literal)?)*; $($rest:tt)*) => {
        $crate::operation!(@row $head [$($c)* $name: *const u8, count: usize,] [$($read)* let $name = unsafe { $crate::macros::optional_bytes($name, count) };] $out
            [$($row)* $crate::operation!(@entry $name, $summary, $crate::abi::BYTES, false, true $(, $key $($value)?)*),] $($rest)*)
    };
    (@row $head:tt [$($c:tt)*] [$($read:tt)*] $out:tt [$($row:tt)*] in $name:ident : Vec<String>, $summary:literal $(, $key:ident $($value:literal)?)*; $($rest:tt)*) => {
        $crate::operation!(@row $head [$($c)* $name: *const *const std::ffi::c_char, count: usize,]
            [$($read)* let $name = unsafe { $crate::macros::texts($name, count) };] $out
            [$($row)* $crate::operation!(@entry $name, $summary, $crate::abi::STRS, false, false $(, $key $($value)?)*),] $($rest)*)
    };
    (@row $head:tt [$($c:tt)*] [$($read:tt)*] $out:tt [$($row:tt)*] in $name:ident : Option<Vec<String>>, $summary:literal $(, $key:ident $($value:literal)?)*; $($rest:tt)*) => {
        $crate::operation!(@row $head [$($c)* $name: *const *const std::ffi::c_char, count: usize,]
            [$($read)* let $name = unsafe { $crate::macros::optional_texts($name, count) };] $out
            [$($row)* $crate::operation!(@entry $name, $summary, $crate::abi::STRS, false, true $(, $key $($value)?)*),] $($rest)*)
    };
    (@row $head:tt [$($c:tt)*] [$($read:tt)*] $out:tt [$($row:tt)*] in $name:ident : $type:ty, $summary:literal $(, $key:ident $($value:literal)?)*; $($rest:tt)*) => {
        $crate::operation!(@row $head [$($c)* $name: <$type as $crate::macros::Argument>::C,]
            [$($read)* let $name = unsafe { <$type as $crate::macros::Argument>::read($name) }.map_err(|problem| problem.field(&format!("/{}", stringify!($name).replace('_', "-"))))?;] $out
            [$($row)* $crate::operation!(@entry $name, $summary, <$type as $crate::macros::Argument>::KIND, false,
                <$type as $crate::macros::Argument>::IS_OPTIONAL $(, $key $($value)?)*),] $($rest)*)
    };
    (@row $head:tt [$($c:tt)*] $read:tt [$($out:tt)*] [$($row:tt)*] out $name:ident : $type:ty, $summary:literal $(, $key:ident $($value:literal)?)*; $($rest:tt)*) => {
        $crate::operation!(@row $head [$($c)* $name: *mut <$type as $crate::macros::Output>::Place,] $read [$($out)* ($name, $type)]
            [$($row)* $crate::operation!(@entry $name, $summary, <$type as $crate::macros::Output>::KIND, true, false $(, $key $($value)?)*),] $($rest)*)
    };

    (@row [$id:literal, $summary:literal, $flags:expr] [$($c:tt)*] [$($read:tt)*] $out:tt [$($row:tt)*] |$call:ident| -> $answer:ty $body:block) => {{
        extern "C" fn export(call: *mut $crate::abi::ImpCall, $($c)*) -> $crate::abi::ImpStatus {
            // SAFETY: the host calls this with what the table below says.
            unsafe {
                $crate::macros::operation(call, |$call: &$crate::Call| {
                    $($read)*
                    let result = (|| -> $answer { $body })()?;
                    $crate::operation!(@write $call result $out)
                })
            }
        }
        $crate::Operation::new($id, $summary, $flags, export as *const () as *const std::ffi::c_void, vec![$($row)*])
    }};

    (@write $call:ident $result:ident []) => {{
        let () = $result;
        Ok(())
    }};
    (@write $call:ident $result:ident [($place:ident, $type:ty)]) => { <$type as $crate::macros::Output>::write($result, $place, $call) };
    // Tuples have no loop: position by position.
    (@write $call:ident $result:ident [$(($place:ident, $type:ty))+]) => {{
        let values: ($($type,)+) = $result;
        $crate::operation!(@tuple $call values [0 1 2 3 4 5 6 7] $(($place, $type))+)
    }};
    (@tuple $call:ident $values:ident $index:tt) => { Ok(()) };
    (@tuple $call:ident $values:ident [$index:tt $($next:tt)*] ($place:ident, $type:ty) $($rest:tt)*) => {{
        <$type as $crate::macros::Output>::write($values.$index, $place, $call)?;
        $crate::operation!(@tuple $call $values [$($next)*] $($rest)*)
    }};

    (@entry $name:ident, $summary:literal, $kind:expr, $out:literal, $optional:expr $(, $key:ident $($value:literal)?)*) => {{
        #[allow(unused_mut)]
        let mut row = $crate::macros::Row { kind: $kind, is_out: $out, is_optional: $optional, name: stringify!($name), summary: $summary, ..Default::default() };
        $($crate::operation!(@key row $key $($value)?);)*
        row
    }};
    (@key $row:ident default $value:literal) => { $row.default = $value };
    (@key $row:ident schema $value:literal) => { $row.schema = $value };
    (@key $row:ident secret) => { $row.is_secret = true };
}
