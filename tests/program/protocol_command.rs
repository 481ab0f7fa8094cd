//! `protocol`: list, show, check and new, as a user meets them.

use std::{fs, path::Path};

use deframe::protocol::{STARTER, library};
use serde_json::Value;

use crate::support::{Run, deframe};

fn protocol(words: &[&str]) -> Run {
    deframe().arg("protocol").args(words).run()
}

fn text(words: &[&str]) -> String {
    let run = deframe().arg("protocol").args(words).ok();
    run.quiet().stdout().to_owned()
}

#[test]
fn every_protocol_is_listed_and_shown() {
    let table = text(&["list"]);
    let document: Value = serde_json::from_str(&text(&["list", "--format", "json"])).unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/protocols.json");
    let schema = serde_json::from_slice(&fs::read(schema).unwrap()).unwrap();
    assert!(jsonschema::is_valid(&schema, &document));
    assert_eq!(table.lines().count(), library().len() + 1);
    for (entry, listed) in library().zip(document["protocols"].as_array().unwrap()) {
        assert!(
            table
                .lines()
                .any(|line| line.starts_with(&format!("{} ", entry.name))),
            "{}",
            entry.name
        );
        assert_eq!(listed["name"], entry.name);
        assert_eq!(text(&["show", entry.name]), entry.text);
    }
}

#[test]
fn descriptions_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    let path = file.to_str().unwrap();
    assert_eq!(text(&["new"]), STARTER);
    fs::write(&file, STARTER).unwrap();
    let said = text(&["check", path]);
    for part in [
        "ok: plant, 3 frame types, ports 9000",
        "header fd aa, 154 bytes, end marker cc dd",
        "message cycle",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    fs::write(&file, STARTER.replace("payload = 150", "paylod = 150")).unwrap();
    let output = protocol(&["check", path]);
    let said = output.stderr().to_owned();
    assert_eq!(output.status(), Some(2));
    assert!(
        said.contains("no key `paylod`")
            && said.contains("^^^^^^")
            && said.contains("write `payload`"),
        "{said}"
    );
}

#[test]
fn what_is_not_there_is_trouble() {
    for (words, part) in [
        (&["show", "nothing"][..], "no protocol nothing"),
        (&["check", "/nowhere.toml"], "/nowhere.toml"),
        (
            &["wireshark", "nothing"],
            "neither a known protocol nor a file",
        ),
    ] {
        let output = protocol(words);
        let said = output.stderr().to_owned();
        assert!(
            output.status() == Some(2) && said.contains(part),
            "{words:?}: {said}"
        );
    }
}

#[test]
fn a_dissector_for_a_capture_has_its_ports() {
    let tiny = "testdata/tiny.pcap";
    let lua = text(&["wireshark", "fd", "--for", tiny]);
    assert!(lua.contains(r#"Pref.range("TCP ports", "9000","#), "{lua}");
    assert!(text(&["wireshark", "fd"]).contains(r#"Pref.range("TCP ports", "","#));
    let run = protocol(&["wireshark", "dnp3", "--for", tiny]);
    assert_eq!(run.status(), Some(2), "{run}");
    run.no_output().warns("no frame of dnp3 found");
    let run = protocol(&["wireshark", "fd", "--for", "missing.pcap"]);
    assert_eq!(run.status(), Some(2), "{run}");
    run.no_output().warns("missing.pcap");
}
