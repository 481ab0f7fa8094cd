//! What people see: `frames`, `errors` and `dump` on small simulated captures, against golden texts.
//!
//! `DEFRAME_BLESS=1` rewrites the texts; look at what changed before you commit it.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use crate::support::{Run, deframe, golden, shared_captures};
use deframe::{protocol::Protocol, simulate};
use simulate::{Faults, Impairments, Segmentation, SimConfig};

/// A capture of one kind, in a folder that goes with it.
struct Capture {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn capture(options: &SimConfig) -> Capture {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("field.pcap");
    let protocol = Protocol::fd();
    simulate::simulate(options, &protocol.layout, fs::File::create(&path).unwrap()).unwrap();
    Capture {
        _folder: folder,
        path,
    }
}

fn options() -> SimConfig {
    SimConfig {
        devices: 2,
        frames: 9,
        seed: 11,
        ..SimConfig::default()
    }
}

fn garbled() -> SimConfig {
    let faults = Faults {
        bad_header: 0.1,
        bad_end_marker: 0.1,
        short_frame: 0.1,
        long_frame: 0.1,
        junk: 0.1,
        truncate_end: true,
    };
    SimConfig {
        faults,
        frames: 15,
        segmentation: Segmentation::Nagle,
        ..options()
    }
}

fn holes() -> SimConfig {
    SimConfig {
        trouble: Impairments {
            drop: 0.15,
            ..Impairments::default()
        },
        segmentation: Segmentation::Random,
        ..options()
    }
}

fn split() -> SimConfig {
    SimConfig {
        segmentation: Segmentation::Random,
        ..options()
    }
}

impl Capture {
    fn run(&self, args: &[&str]) -> Run {
        deframe().args(args).arg(&self.path).run()
    }

    fn text(&self, args: &[&str]) -> String {
        self.run(args).stdout().to_owned()
    }
}

#[test]
fn golden_texts() {
    let rows: [(&str, SimConfig, &[&str], i32); 8] = [
        ("frames", split(), &["frames"], 0),
        (
            "frames-more-bytes",
            split(),
            &["frames", "--bytes", "16", "--connection", "1"],
            0,
        ),
        ("errors-clean", split(), &["errors"], 0),
        ("errors-faults", garbled(), &["errors"], 1),
        ("errors-gaps", holes(), &["errors"], 0),
        ("errors-limit", garbled(), &["errors", "--limit", "1"], 1),
        (
            "dump-frame",
            split(),
            &["dump", "--connection", "0", "--frame", "4"],
            0,
        ),
        (
            "dump-faults",
            garbled(),
            &["dump", "--fault", "0", "--fault", "2"],
            0,
        ),
    ];
    for (name, options, args, status) in rows {
        let capture = capture(&options);
        let output = capture.run(args);
        let text = output.stdout().to_owned();
        assert_eq!(output.status(), Some(status), "{name}");
        golden(name, &text);
        assert!(!text.contains('\x1b'), "{name}: escapes in a pipe");
        if name != "frames-more-bytes" {
            let wide = text.lines().find(|line| line.chars().count() > 100);
            assert_eq!(wide, None, "{name}");
        }
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    for (options, args) in [
        (split(), &["frames"][..]),
        (garbled(), &["errors"]),
        (garbled(), &["dump"]),
    ] {
        let capture = capture(&options);
        let plain = capture.text(args);
        let colour = capture.text(&[args, &["--color", "always"]].concat());
        assert!(colour.contains("\x1b["), "{args:?}");
        assert_eq!(
            anstream::adapter::strip_str(&colour).to_string(),
            plain,
            "{args:?}"
        );
    }
}

/// Faults have one number in `errors` and in `dump`, and the same bytes.
#[test]
fn dump_takes_the_numbers_of_errors() {
    let capture = capture(&garbled());
    let errors = capture.text(&["errors"]);
    let blocks: Vec<&str> = errors
        .split("\n\n")
        .filter(|block| block.starts_with("fault "))
        .collect();
    assert!(blocks.len() > 4, "{errors}");
    for (number, block) in blocks.iter().enumerate() {
        assert!(block.starts_with(&format!("fault {number}: ")), "{block}");
        let dump = capture.text(&["dump", "--fault", &number.to_string()]);
        let head = |text: &str| text.lines().take(5).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(head(&dump), head(block));
    }
    let missing = capture.run(&["dump", "--fault", "1000"]);
    assert_eq!(missing.status(), Some(2));
    assert!(missing.stderr().contains("no fault 1000"));
}

/// Every byte of every frame and fault is in the dump of everything, at its offset and with its packet.
#[test]
fn dump_shows_every_byte() {
    let capture = capture(&garbled());
    let dump = capture.text(&["dump"]);
    let mut shown = BTreeMap::new();
    let (mut stream, mut packet) = (String::new(), String::new());
    for line in dump.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["stream", "connection", number, ..] => stream = number.to_owned(),
            ["fault" | "frame", ..] => packet.clear(),
            _ => {}
        }
        let Some(hex) = line
            .get(21..68)
            .filter(|_| line.get(15..19).is_some_and(|at| at.contains('+')))
        else {
            continue;
        };
        let named = line[..6].trim();
        if !named.is_empty() {
            packet = named.to_owned();
        }
        assert!(!packet.is_empty(), "{line}");
        let offset: u64 = line[7..14].trim().parse().unwrap();
        for (nth, byte) in hex.split_whitespace().enumerate() {
            let key = (stream.clone(), offset + nth as u64);
            let value = (u8::from_str_radix(byte, 16).unwrap(), packet.clone());
            assert!(shown.insert(key, value).is_none(), "twice: {line}");
        }
    }
    let export = capture.text(&["export"]);
    let mut frames = 0;
    for line in export.lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let connection = record["connection"].to_string();
        let start = record["offset"].as_u64().unwrap();
        let payload = record["payload"].as_str().unwrap();
        for nth in 0..payload.len() / 2 {
            let want = u8::from_str_radix(&payload[2 * nth..2 * nth + 2], 16).unwrap();
            let (byte, _) = &shown[&(connection.clone(), start + 2 + nth as u64)];
            assert_eq!(*byte, want, "{line}");
        }
        let first = &shown[&(connection.clone(), start)].1;
        let last = &shown[&(connection, start + record["length"].as_u64().unwrap() - 1)].1;
        assert_eq!(
            [first, last],
            [
                &record["first_packet"].to_string(),
                &record["last_packet"].to_string()
            ],
            "{line}"
        );
        frames += 1;
    }
    assert!(frames > 10);
}

/// `dump --packet` shows what `export` says has bytes of the packet.
#[test]
fn dump_of_a_packet() {
    let capture = capture(&split());
    let export = capture.text(&["export", "--payload", "none"]);
    let records: Vec<serde_json::Value> = export
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let cut = records
        .iter()
        .find(|record| record["segments"] == 2)
        .unwrap();
    for key in ["first_packet", "last_packet"] {
        let dump = capture.text(&["dump", "--packet", &cut[key].to_string()]);
        assert!(
            dump.contains(&format!(
                "frame {}: {}",
                cut["index"],
                cut["type"].as_str().unwrap()
            )),
            "{dump}"
        );
    }
    let none = capture.run(&["dump", "--packet", "1"]);
    assert_eq!(none.status(), Some(2));
}

#[test]
fn records_of_faults_and_gaps() {
    let capture_of = |options| capture(&options);
    for (options, schema, status) in [
        (garbled(), "deframe.fault/1", 1),
        (holes(), "deframe.gap/1", 0),
    ] {
        let capture = capture_of(options);
        let lines = capture.run(&["errors", "--format", "ndjson"]);
        assert_eq!(lines.status(), Some(status));
        let lines = lines.stdout().to_owned();
        let records: Vec<serde_json::Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert!(
            records.iter().any(|record| record["schema"] == schema),
            "{lines}"
        );
        let document: serde_json::Value =
            serde_json::from_str(&capture.text(&["errors", "--format", "json"])).unwrap();
        assert_eq!(document["errors"].as_array().unwrap(), &records);
        let csv = capture.text(&["errors", "--format", "csv"]);
        assert_eq!(csv.lines().count(), records.len() + 1);
        let columns: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
        for key in records
            .iter()
            .flat_map(|record| record.as_object().unwrap().keys())
        {
            assert!(columns.contains(&key.as_str()), "no column {key}");
        }
        let few = capture.text(&["errors", "--format", "ndjson", "--limit", "2"]);
        assert_eq!(
            few,
            lines
                .lines()
                .take(2)
                .map(|line| format!("{line}\n"))
                .collect::<String>()
        );
    }
}

/// A reader that goes away is no failure; nor does the rest of the capture matter then.
#[cfg(unix)]
#[test]
fn a_closed_pipe_ends_quietly() {
    let capture = capture(&SimConfig {
        frames: 3000,
        ..garbled()
    });
    for args in [
        &["frames"][..],
        &["errors"],
        &["dump"],
        &["errors", "--format", "ndjson"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deframe"));
        command
            .args(args)
            .arg(&capture.path)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {stderr}");
        assert!(!stderr.contains("cannot write"), "{args:?}: {stderr}");
    }
}

/// Every shared capture of the device protocol can be looked at.
#[test]
fn every_shared_capture_of_the_device_protocol() {
    let Some(folder) = shared_captures() else {
        return;
    };
    let mut seen = 0;
    for entry in fs::read_dir(folder.join("fd")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "cap") {
            continue;
        }
        for args in [&["frames"][..], &["errors"], &["dump"]] {
            let run = deframe().args(args).arg(&path).run();
            assert!(matches!(run.status(), Some(0 | 1)), "{run}");
            assert!(!run.bytes().contains(&0x1b), "{run}");
        }
        seen += 1;
    }
    assert!(seen > 50);
}
