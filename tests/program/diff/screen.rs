//! The program on two captures: what people see, what programs get, how it ends.

use std::{fs, path::Path};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{self, is_blessing};

use super::{
    build::{Device, Wire, capture},
    counting, device,
    edits::frames,
};

const GOLDEN: &str = "testdata/golden/diff.txt";

/// A device before and after its update: it counts on at bytes 4..8, has another version at byte 20, one frame fewer,
/// one frame changed and one more; the second capture misses some bytes.
fn update(dir: &Path) {
    let all = frames(7, 1, 40).remove(0);
    let before = counting(&all, 1_000, 1);
    let mut after = counting(&all, 90_000, 2);
    after[12][40..43].copy_from_slice(b"NEW");
    after.remove(20);
    after.insert(25, frames(8, 1, 1).remove(0).remove(0));
    let from = after[..31].concat().len() + 10;
    let again = counting(&all, 5_000, 1);
    for (name, start, most, sent, lost) in [
        ("before.pcap", 1_700_000_000, 700, &before, vec![]),
        (
            "after.pcap",
            1_700_100_000,
            90,
            &after,
            vec![(from, from + 60)],
        ),
        ("cut.pcap", 1_700_200_000, 30, &before, vec![]),
        ("counts.pcap", 1_700_200_000, 300, &again, vec![]),
    ] {
        let wire = Wire {
            seed: start as u64,
            most,
            again: 4,
            start,
        };
        let devices: [Device; 1] = [device(0, false, sent, lost)];
        fs::write(dir.join(name), capture(&wire, &devices)).unwrap();
    }
}

fn deframe(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let run = support::deframe().dir(dir).args(args).run();
    let status = run.status().unwrap();
    (status, run.stdout().to_owned(), run.stderr().to_owned())
}

#[test]
fn the_screen_is_as_it_was() {
    let dir = TempDir::new().unwrap();
    update(dir.path());
    for name in ["before.pcap", "after.pcap"] {
        let (made, kept) = (dir.path().join(name), Path::new("testdata").join(name));
        if is_blessing() {
            fs::copy(&made, &kept).unwrap();
        }
        assert!(
            fs::read(made).unwrap() == fs::read(kept).unwrap(),
            "{name}; DEFRAME_BLESS=1 rewrites it"
        );
    }
    let args = ["diff", "before.pcap", "after.pcap", "--ignore", "4..8,20"];
    let (_, all, _) = deframe(Path::new("testdata"), &args[..3]);
    let (status, masked, errors) = deframe(Path::new("testdata"), &args);
    assert_eq!((status, &*errors), (1, ""));
    let summary = all.split("\nDifferences").next().unwrap();
    let got = format!(
        "$ deframe diff before.pcap after.pcap\n{summary}\n$ deframe {}\n{masked}",
        args.join(" ")
    );
    if is_blessing() {
        fs::create_dir_all(Path::new(GOLDEN).parent().unwrap()).unwrap();
        fs::write(GOLDEN, &got).unwrap();
    }
    let want = fs::read_to_string(GOLDEN).unwrap();
    assert!(
        got == want,
        "{GOLDEN} is otherwise; DEFRAME_BLESS=1 rewrites it:\n{got}"
    );
}

#[test]
fn how_it_ends() {
    let dir = TempDir::new().unwrap();
    update(dir.path());
    for (args, want) in [
        (&["before.pcap", "cut.pcap"][..], 0),
        (&["before.pcap", "counts.pcap"], 1),
        (&["before.pcap", "counts.pcap", "--ignore", "4..8"], 0),
        (
            &[
                "before.pcap",
                "counts.pcap",
                "--ignore",
                "realtime:4..8,extra190:4..8,extra192:4..8",
            ],
            0,
        ),
        (&["before.pcap", "after.pcap", "--summary"], 1),
        (&["before.pcap", "cut.pcap", "--pair", "0=0"], 0),
        (
            &["before.pcap", "cut.pcap", "--pair", "10.0.0.10=10.0.0.10"],
            0,
        ),
        (&["before.pcap", "--with", "cut.pcap"], 0),
        (&["before.pcap", "after.pcap", "--with", "cut.pcap"], 1),
        (&["before.pcap", "cut.pcap", "--port", "1"], 2),
        (&["before.pcap"], 2),
        (&["before.pcap", "cut.pcap", "after.pcap"], 2),
        (&["before.pcap", "nowhere.pcap"], 2),
        (&["before.pcap", "cut.pcap", "--ignore", "8..4"], 2),
        (&["before.pcap", "cut.pcap", "--pair", "x"], 2),
        (&["-", "-"], 2),
    ] {
        let (status, out, errors) = deframe(dir.path(), &[&["diff"], args].concat());
        assert_eq!(status, want, "{args:?}\n{out}\n{errors}");
        assert_eq!(errors.is_empty(), want < 2, "{args:?}: {errors}");
    }
}

#[test]
fn records_are_as_the_schema_has_them() {
    let dir = TempDir::new().unwrap();
    update(dir.path());
    let schema: Value =
        serde_json::from_str(&fs::read_to_string("docs/schema/diff.json").unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let (_, lines, _) = deframe(
        dir.path(),
        &["diff", "before.pcap", "after.pcap", "--format", "ndjson"],
    );
    let records: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for record in &records {
        let errors: Vec<_> = schema
            .iter_errors(record)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{record}\n{errors:?}");
    }
    for kind in ["summary", "measure", "pair", "place", "difference"] {
        assert!(
            records.iter().any(|record| record["record"] == kind),
            "{kind}"
        );
    }
    let (_, document, _) = deframe(
        dir.path(),
        &["diff", "before.pcap", "after.pcap", "--format", "json"],
    );
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["records"], Value::Array(records));
    let (_, colour, _) = deframe(
        dir.path(),
        &["diff", "before.pcap", "after.pcap", "--color", "always"],
    );
    assert!(colour.contains("\u{1b}[31m"));
}
