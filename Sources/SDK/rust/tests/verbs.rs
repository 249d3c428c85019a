// SPDX-License-Identifier: Apache-2.0

//! The descriptor and verbs as a host calls them: through C function pointers.

mod support;

use impresario::abi::{self, Str};
use impresario::*;
use std::ffi::CStr;
use std::time::Duration;
use support::{document, host, FakeCall, ONE_AT_A_TIME};

struct Toy;

impl ClusterType for Toy {
    fn info() -> TypeInfo {
        TypeInfo { id: "toy", name: "Toy", summary: "A toy.", capabilities: vec!["bindings"], create_schema: json!({"type": "object"}), ..Default::default() }
    }
    fn validate(context: &Context) -> Result<Validated> {
        if context.params.get("n").and_then(Value::int) == Some(0) {
            return Err(Problem::invalid("toy.none", "/n", "There must be one."));
        }
        Ok(Validated { params: context.params.clone(), warnings: vec![] })
    }
    fn plan(_: &Context) -> Result<Plan> {
        let words = "in the plan".to_string();
        panic!("lost {words}");
    }
    fn bootstrap(call: &Call) -> Result<Vec<String>> {
        let context = call.context();
        call.check_cancelled()?;
        let nodes = context.reachable();
        let outcomes = call.execute(&[Command::new(nodes[0], ["echo", "a"]).input("secret"), Command::new(nodes[0], ["x"])])?;
        assert_eq!((outcomes[0].text().as_str(), outcomes[0].exit_code, outcomes[1].exit_code), ("echo a ", 2, 1));
        assert_eq!(outcomes[0].complaint(), "exit code 2; secret");
        call.put(&[File::new(nodes[0], "/etc/x", "content", 0o600)])?;
        assert_eq!(call.get(nodes[0], "/etc/x", 0)?.as_deref(), Some(b"content".as_slice()));
        assert_eq!(call.get(nodes[0], "/etc/y", 0)?, None);
        call.declare(&Service::running("toyd", ["toyd", "-f"]).ready(Ready::Tcp(80, Duration::from_secs(2))), &nodes)?;
        let counted = call.update_state("count", |value| {
            let count = value.get("n").and_then(Value::int).unwrap_or(0);
            value.set("n", count + 1);
            Ok(())
        })?;
        call.log(Severity::Info, &counted.to_string());
        let pair =
            call.key_pair("server", &CertificateProfile { authority: "a".into(), common_name: "c".into(), usages: vec![Usage::Server], ..Default::default() })?;
        call.log(Severity::Info, &pair.cert);
        assert_eq!(call.revocation_list("a", &["1".into(), "2".into()])?, "1;2;");
        Ok(nodes.iter().map(|node| node.id.clone()).collect())
    }
    fn health(_: &Call) -> Result<HealthReport> {
        Ok(HealthReport {
            health: Health::Degraded,
            conditions: vec![Condition::warning("NodeDown", "One is down.")],
            nodes: vec![NodeReport::new("n1", NodeState::Ready, None), NodeReport::new("n2", NodeState::Down, Some("gone".into()))],
            version: Some("1".into()),
        })
    }
}

impl Bindings for Toy {
    fn credentials(_: &Call, request: &CredentialsRequest) -> Result<Credentials> {
        assert_eq!(request.ttl, Some(Duration::from_secs(60)));
        Ok(Credentials { files: [("f".into(), request.binding.clone())].into(), env: [("D".into(), "${dir}".into())].into(), expires_at: None })
    }
    fn revoke(_: &Call, _: &str) -> Result<()> {
        Ok(())
    }
}

impresario::plugin! {
    id: "toy", version: "1.2.3", vendor: "Tests", license: "Apache-2.0", packages: ["a", "b"],
    types: [TypeEntry::of::<Toy>().with_bindings::<Toy>()],
}

fn descriptor() -> &'static abi::PluginRow {
    let row = unsafe { &*imp_plugin_v0(0) };
    assert_eq!(unsafe { row.init.unwrap()(host(), std::ptr::null_mut()) }, 0);
    row
}

fn text(c: *const std::ffi::c_char) -> &'static str {
    unsafe { CStr::from_ptr(c) }.to_str().unwrap()
}

/// Status, answer and what was left.
fn call(verb: impl Fn(&abi::Type) -> Option<abi::Verb>, args: &str, prepare: impl FnOnce(&mut FakeCall)) -> (i32, String, FakeCall) {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let row = descriptor();
    let kind = unsafe { &**row.types };
    let mut fake = FakeCall { document: document(args), ..Default::default() };
    prepare(&mut fake);
    let mut answer: Vec<u8> = Vec::new();
    let input = fake.document.clone();
    let status = unsafe { verb(kind).unwrap()((&raw mut fake).cast(), Str::of(&input), (&raw mut answer).cast()) };
    (status, String::from_utf8(answer).unwrap(), fake)
}

#[test]
fn the_descriptor_says_what_there_is() {
    let row = descriptor();
    assert!(std::ptr::eq(row, imp_plugin_v0(0)), "it is made once");
    assert_eq!((text(row.id), text(row.version), row.ntypes, row.state_format), ("toy", "1.2.3", 1, 1));
    assert!(row.url.is_null());
    assert_eq!(unsafe { (text(*row.packages), text(*row.packages.add(1)), (*row.packages.add(2)).is_null()) }, ("a", "b", true));
    let kind = unsafe { &**row.types };
    assert_eq!((text(kind.id), text(kind.create_schema)), ("toy", r#"{"type":"object"}"#));
    assert!(kind.credentials.is_some() && kind.revoke.is_some() && kind.destroy.is_some());
    assert!(kind.join.is_none() && kind.leave.is_none() && kind.configure.is_none() && kind.upgrade.is_none() && kind.migrate.is_none());
}

#[test]
fn a_verb_answers_a_document() {
    let (status, answer, fake) = call(|kind| kind.bootstrap, "{}", |fake| fake.conflicts = 2);
    assert_eq!((status, answer.as_str()), (0, r#"{"joined":["n1"]}"#), "{:?}", fake.failure);
    assert_eq!(fake.services, [r#"n1: {"argv":["toyd","-f"],"name":"toyd","ready":{"tcp":80,"timeout":2000},"state":"running"}"#]);
    assert_eq!(fake.state["count"].0, br#"{"n":1}"#);
    assert_eq!(fake.logged, [r#"{"n":1}"#, r#"{"ca":"a","cn":"c","usages":["server"]}"#]);
    let (_, answer, _) = call(|kind| kind.health, "{}", |_| {});
    let report = json::parse(&answer).unwrap();
    assert_eq!(report.get("health").and_then(Value::text), Some("degraded"));
    assert_eq!(report.get("nodes").unwrap().to_string(), r#"[{"id":"n1","state":"ready"},{"id":"n2","reason":"gone","state":"down"}]"#);
    let (_, answer, _) = call(|kind| kind.credentials, r#"{"binding": "b1", "ttl": 60}"#, |_| {});
    assert_eq!(answer, r#"{"env":{"D":"${dir}"},"files":{"f":"b1"}}"#);
    // Nothing to say is nothing written.
    assert_eq!(call(|kind| kind.destroy, "{}", |_| {}).1, "");
}

#[test]
fn an_error_is_the_calls_problem() {
    let (status, answer, fake) = call(|kind| kind.validate, r#"{"params": {"n": 0}}"#, |_| {});
    assert_eq!((status, answer.as_str()), (1, ""));
    assert_eq!(fake.failure.unwrap(), (1, "toy.none".into(), "/n".into(), String::new()));
    // The host's own failures too, with a sentence when it left none.
    let (status, _, fake) = call(|kind| kind.bootstrap, "{}", |fake| fake.is_cancelled = true);
    assert_eq!((status, fake.failure.unwrap().1.as_str()), (9, "sdk.cancelled"));
    let (status, _, fake) = call(|kind| kind.bootstrap, "{}", |fake| fake.conflicts = 100);
    assert_eq!((status, fake.failure.unwrap().1.as_str()), (11, "sdk.contention"));
    let (status, _, fake) = call(|kind| kind.credentials, "{}", |_| {});
    assert_eq!((status, fake.failure.unwrap().2.as_str()), (1, "/binding"));
    let (status, _, fake) = call(|kind| kind.health, "{}", |fake| fake.document = "{".into());
    assert_eq!((status, fake.failure.unwrap().1.as_str()), (1, "sdk.invalid-document"));
}

#[test]
fn a_panic_does_not_pass_the_barrier() {
    for _ in 0..2 {
        let (status, answer, fake) = call(|kind| kind.plan, "{}", |_| {});
        assert_eq!((status, answer.as_str()), (13, ""));
        let (_, code, _, detail) = fake.failure.unwrap();
        assert_eq!(code, "sdk.panic");
        assert!(detail.contains("lost in the plan") && detail.contains("verbs.rs:"), "{detail}");
    }
}

#[test]
fn the_document_is_read() {
    let context = Context::of(&json::parse(&document("{}")).unwrap()).unwrap();
    assert_eq!((context.operation_kind.as_str(), context.attempt, context.network.as_str()), ("create", 2, "10.1.0.0/24"));
    assert_eq!(context.labels["a"], "b");
    assert_eq!(context.nodes[0].flavor, Flavor { cpu: 500, memory: 1024, disk: 1 });
    assert_eq!(context.tenant_address("api", &context.nodes[0]), Some("127.0.0.1:9"));
    assert_eq!(context.tenant_address("api", &context.nodes[1]), None);
    assert_eq!(context.node("n9").unwrap_err().code, "sdk.unknown-node");
    assert_eq!(Context::of(&json!({"nodes": [{"name": "x"}]})).unwrap_err().field, "/nodes/0/id");
}
