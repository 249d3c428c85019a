// SPDX-License-Identifier: Apache-2.0

use impresario::json;
use impresario::json::{parse, Value};

fn round(text: &str) -> String {
    parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).to_string()
}

#[test]
fn documents_keep_their_meaning() {
    for (text, expected) in [
        (" null ", "null"),
        ("[]", "[]"),
        ("{ }", "{}"),
        (r#"{"b":1,"a":[true,false,null]}"#, r#"{"a":[true,false,null],"b":1}"#),
        // Of members written twice the last one counts.
        (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775808", "9.223372036854776e18"),
        ("-0", "-0.0"),
        ("1.0", "1.0"),
        ("1e2", "100.0"),
        ("1E-2", "0.01"),
        ("\"\\u0041\\n\\/\\\"\\\\\"", "\"A\\n/\\\"\\\\\""),
        (r#""\ud83d\ude00""#, "\"\u{1f600}\""),
        ("\"\u{1f600}\u{e4}\"", "\"\u{1f600}\u{e4}\""),
        (r#""\u0000\u001f\u007f""#, "\"\\u0000\\u001f\u{7f}\""),
        ("\t[ 1 ,\n2\r]", "[1,2]"),
    ] {
        assert_eq!(round(text), expected, "{text}");
        assert_eq!(round(&round(text)), expected, "{text}, again");
    }
}

#[test]
fn what_is_no_json_is_refused_with_its_place() {
    for (text, offset) in [
        ("", 0),
        ("nul", 0),
        ("01", 1),
        ("-", 1),
        ("1.", 2),
        (".5", 0),
        ("1e", 2),
        ("1e999", 0),
        ("+1", 0),
        ("NaN", 0),
        ("[1,]", 3),
        ("[1 2]", 3),
        ("{\"a\":1,}", 7),
        ("{a:1}", 1),
        ("{\"a\" 1}", 5),
        ("\"abc", 4),
        ("\"a\nb\"", 2),
        (r#""\x""#, 2),
        (r#""\u12g4""#, 3),
        (r#""\u+123""#, 3),
        (r#""\ud83d""#, 7),
        (r#""\ude00""#, 7),
        (r#""\ud83d\u0041""#, 13),
        ("[] []", 3),
        ("\u{feff}1", 0),
    ] {
        let error = parse(text).expect_err(text);
        assert_eq!(error.offset, offset, "{text}: {error}");
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert!(parse(&nested(100)).is_ok());
    assert_eq!(parse(&nested(100_000)).unwrap_err().message, "too many levels");
}

#[test]
fn values_are_made_and_looked_at() {
    let big = u64::MAX;
    let value = json!({
        "text": "t", "whole": 7, "negative": (-7), "list": [1, "two", [3.5]], "none": null, "yes": true, "big": (big), "absent": (None::<i64>),
        "many": (vec!["a", "b"]),
    });
    assert_eq!(value.at(&["list"]).and_then(Value::array).map(<[Value]>::len), Some(3));
    assert_eq!(value.get("negative").and_then(Value::int), Some(-7));
    assert_eq!(value.get("whole").and_then(Value::float), Some(7.0));
    assert_eq!(value.get("text").and_then(Value::int), None);
    assert_eq!(value.at(&["text", "deeper"]), None);
    assert_eq!(
        value.to_string(),
        r#"{"absent":null,"big":"18446744073709551615","list":[1,"two",[3.5]],"many":["a","b"],"negative":-7,"none":null,"text":"t","whole":7,"yes":true}"#
    );
    assert_eq!(Value::from(f64::NAN).to_string(), "null");
    assert_eq!(Value::Null.with("a", 1).to_string(), r#"{"a":1}"#);
}
