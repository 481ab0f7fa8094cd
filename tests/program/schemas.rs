//! Every document and record that leaves the program is what its schema in `docs/schema` says.

use std::{fs, path::Path};

use jsonschema::Validator;
use serde_json::Value;

use crate::support::deframe;

const CAPTURES: [&str; 5] = [
    "field.pcap",
    "faults.pcap",
    "lossy.pcapng",
    "mess.pcapng",
    "snaplen.pcap",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn validator(name: &str) -> Validator {
    let text = fs::read(root().join("docs/schema").join(format!("{name}.json"))).unwrap();
    jsonschema::validator_for(&serde_json::from_slice(&text).unwrap()).unwrap()
}

fn run(args: &[&str], capture: &str) -> String {
    let path = root().join("testdata").join(capture);
    let run = deframe().args(args).arg(path).run();
    assert!(run.status() < Some(2), "{run}");
    run.stdout().to_owned()
}

fn check(validator: &Validator, value: &Value, what: &str) {
    let errors: Vec<_> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path))
        .collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}");
}

#[test]
fn documents() {
    for (schema, args) in [
        ("stats", &["stats", "--format", "json"][..]),
        ("streams", &["streams", "--digest", "--format", "json"]),
        ("frames", &["export", "--format", "json"]),
        ("errors", &["errors", "--format", "json"]),
        ("identify", &["identify", "--format", "json"]),
    ] {
        let validator = validator(schema);
        for capture in CAPTURES {
            let value: Value = serde_json::from_str(&run(args, capture)).unwrap();
            assert_eq!(value["schema"], format!("deframe.{schema}/1"));
            check(&validator, &value, &format!("{args:?} {capture}"));
        }
    }
}

#[test]
fn records() {
    let schemas = ["frame", "fault", "gap", "conflict", "stream", "identified"]
        .map(|name| (format!("deframe.{name}/1"), validator(name)));
    let mut seen = [0; 6];
    for args in [
        &["streams", "--format", "ndjson"][..],
        &["export"],
        &["export", "--payload", "base64"],
        &["export", "--payload", "none"],
        &["errors", "--format", "ndjson"],
        &["identify", "--format", "ndjson"],
    ] {
        for capture in CAPTURES {
            for line in run(args, capture).lines() {
                let value: Value = serde_json::from_str(line).unwrap();
                let at = schemas
                    .iter()
                    .position(|(name, _)| value["schema"] == *name)
                    .unwrap();
                check(&schemas[at].1, &value, &format!("{args:?} {capture}"));
                seen[at] += 1;
            }
        }
    }
    assert!(seen.iter().all(|n| *n > 0), "{seen:?}");
}

#[test]
fn schemas_allow_nothing_else() {
    let mut text = run(&["stats", "--format", "json"], "faults.pcap");
    let brace = text.rfind('}').unwrap();
    text.insert_str(brace, ",\"more\":1");
    let value: Value = serde_json::from_str(&text).unwrap();
    assert!(!validator("stats").is_valid(&value));
}
