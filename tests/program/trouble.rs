//! What the program says when it cannot do what was asked: nothing on stdout that is not so, a message that names what
//! is wrong, exit status 2.

use std::fs::{self, File};

use crate::support::Bench;

/// Every way to look at a capture.
const VIEWS: [&[&str]; 15] = [
    &["stats"],
    &["stats", "--format", "json"],
    &["frames"],
    &["errors"],
    &["errors", "--format", "json"],
    &["errors", "--format", "csv"],
    &["dump"],
    &["dump", "--frame", "0"],
    &["streams"],
    &["streams", "--format", "json"],
    &["export", "--format", "json"],
    &["export", "--format", "csv"],
    &["export", "-o", "out.csv", "--format", "csv"],
    &["identify"],
    &["identify", "--draft", "out.toml", "--format", "json"],
];

#[test]
fn of_what_cannot_be_read_nothing_is_reported() {
    let bench = Bench::new();
    fs::write(
        bench.path().join("text.pcap"),
        "no capture at all, but some text",
    )
    .unwrap();
    fs::write(bench.path().join("empty.pcap"), "").unwrap();
    for (captures, why) in [
        (
            &["missing.pcap"][..],
            "missing.pcap: cannot open: No such file or directory\n",
        ),
        (&["text.pcap"], "text.pcap: is not a capture: "),
        (&["empty.pcap"], "empty.pcap: is empty"),
        (&["."], ".: is a directory"),
        (&["text.pcap", "missing.pcap"], "missing.pcap: cannot open"),
    ] {
        for view in VIEWS {
            let output = bench.run(&[view, captures].concat());
            let said = output.stderr();
            assert_eq!(output.stdout(), "", "{view:?} {captures:?}");
            assert!(said.contains(why), "{view:?}: {said}");
            assert_eq!(said.lines().count(), captures.len(), "{view:?}: {said}");
            assert!(!said.contains("os error"), "{view:?}: {said}");
            assert_eq!(output.status(), Some(2), "{view:?} {captures:?}");
        }
    }
    let left: Vec<_> = fs::read_dir(bench.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "no output appears: {left:?}");
}

#[test]
fn what_can_be_read_is_reported_beside_what_cannot() {
    let bench = Bench::with_captures(&[("fine.pcap", &["--devices", "1"])]);
    for (view, expected) in [
        (&["errors"][..], "no faults beside 20 frames"),
        (&["stats"], "of 20)"),
        (&["frames"], "extra190"),
        (&["export"], "extra190"),
    ] {
        let whole = bench.run(&[view, &["fine.pcap"]].concat());
        let both = bench.run(&[view, &["missing.pcap", "fine.pcap"]].concat());
        assert_eq!(both.status(), Some(2), "{view:?}");
        assert!(both.stderr().contains("missing.pcap: cannot open"));
        assert!(
            both.stdout().contains(expected),
            "{view:?}: {}",
            both.stdout()
        );
        // The table of captures is another, of course.
        let same = both.stdout() == whole.stdout();
        assert_eq!(same, view != ["stats"], "{view:?}");
    }
}

#[test]
fn one_side_is_not_compared_with_nothing() {
    let bench = Bench::with_captures(&[("fine.pcap", &[])]);
    for (args, side) in [
        (["fine.pcap", "missing.pcap"], "side B"),
        (["missing.pcap", "fine.pcap"], "side A"),
    ] {
        for format in ["table", "json", "ndjson"] {
            let output = bench.run(&[&["diff", "--format", format], &args[..]].concat());
            assert_eq!(output.stdout(), "", "{args:?}");
            assert!(output.stderr().contains(side), "{}", output.stderr());
            assert_eq!(output.status(), Some(2), "{args:?}");
        }
    }
}

/// Arguments that cannot be meant: the message names the option, what was typed, and what would do.
#[test]
fn arguments() {
    let bench = Bench::with_captures(&[("a.pcap", &[]), ("b.pcap", &["--devices", "2"])]);
    let rows: [(&[&str], &[&str]); 26] = [
        (
            &["frames", "--from", "2000", "--to", "1000", "a.pcap"],
            &["--from 2000", "--to 1000"],
        ),
        (
            &["frames", "--from", "+5", "--to", "+5", "a.pcap"],
            &["--from +5", "--to +5"],
        ),
        (
            &[
                "stats",
                "--from",
                "2024-01-01T00:00:00Z",
                "--to",
                "1700000000",
                "a.pcap",
            ],
            &["--from 2024-01-01T00:00:00Z", "--to 1700000000"],
        ),
        (
            &["simulate", "-o", "x", "--vlan", "7,5000"],
            &["--vlan", "5000", "0..=4094"],
        ),
        (
            &["simulate", "-o", "x", "--drop", "2"],
            &["--drop", "from 0 to 1"],
        ),
        (
            &["simulate", "-o", "x", "--bad-header", "-0.1"],
            &["--bad-header"],
        ),
        (
            &["simulate", "-o", "x", "--junk", "NaN"],
            &["--junk", "from 0 to 1"],
        ),
        (
            &["simulate", "-o", "x", "--replies", "much"],
            &["--replies", "from 0 to 1"],
        ),
        (
            &["simulate", "-o", "x", "--mss", "0"],
            &["--mss", "1..=65000"],
        ),
        (
            &["simulate", "-o", "x", "--port", "0"],
            &["--port", "1..=65535"],
        ),
        (
            &["simulate", "-o", "x", "--interfaces", "0"],
            &["--interfaces"],
        ),
        (
            &["simulate", "-o", "x", "--start", "4294967296"],
            &["--start"],
        ),
        (&["simulate", "-o", "x", "--truth", "x"], &["--truth x"]),
        (
            &["simulate", "-o", "x", "--truth", "no/truth"],
            &["no/truth: cannot write"],
        ),
        (&["a.pcap"], &["`deframe stats a.pcap`"]),
        (
            &["simulate", "-o", "x", "--interval", "-1"],
            &["--interval", "from 0"],
        ),
        (
            &["simulate", "-o", "x", "--nat", "--port-reuse"],
            &["--nat", "--port-reuse"],
        ),
        (
            &["simulate", "-o", "x", "--mix", "1,2"],
            &[
                "--mix 1,2: 2 weights",
                "fd has 3 frame types: realtime, extra190, extra192",
            ],
        ),
        (&["simulate", "-o", "x", "--mix", "0,0,0"], &["--mix 0,0,0"]),
        (
            &["simulate", "-o", "x", "--protocol", "nosuch"],
            &["--protocol nosuch"],
        ),
        (
            &["diff", "--pair", "0=9", "a.pcap", "b.pcap"],
            &["--pair 0=9: side B", "of connection 9", "0, 1"],
        ),
        (
            &["diff", "--pair", "9=0", "a.pcap", "b.pcap"],
            &["--pair 9=0: side A", "0, 1, 2, 3"],
        ),
        (
            &["diff", "--pair", "10.0.0.2=10.0.0.99", "a.pcap", "b.pcap"],
            &["--pair 10.0.0.2=10.0.0.99: side B", "10.0.0.2, 10.0.0.3"],
        ),
        (
            &["frames", "--protocol", "nosuch", "a.pcap"],
            &["--protocol nosuch: neither"],
        ),
        (
            &["protocol", "wireshark", "nosuch"],
            &["protocol wireshark nosuch: neither"],
        ),
        (
            &["protocol", "check", "nosuch.toml"],
            &["nosuch.toml: No such file or directory\n"],
        ),
    ];
    for (args, parts) in rows {
        let output = bench.run(args);
        let said = output.stderr();
        assert_eq!(output.status(), Some(2), "{args:?}: {said}");
        assert_eq!(output.stdout(), "", "{args:?}");
        for part in parts {
            assert!(said.contains(part), "{args:?}: no {part} in {said}");
        }
    }
    assert!(!bench.path().join("x").exists());
}

/// Pairs made by hand that are there are taken.
#[test]
fn pairs_that_are_there() {
    let bench = Bench::with_captures(&[("a.pcap", &[])]);
    for pair in ["0=1", "10.0.0.2=10.0.0.3"] {
        let output = bench.run(&["diff", "--summary", "--pair", pair, "a.pcap", "a.pcap"]);
        assert_eq!(output.status(), Some(1), "{pair}: {}", output.stderr());
        assert!(
            output.stdout().contains("  --pair  "),
            "{}",
            output.stdout()
        );
    }
}

/// A capture whose packets were captured short says so, and how much is missing; another reason stays another.
#[test]
fn stats_says_once_that_there_is_no_frame() {
    let bench = Bench::with_captures(&[("short.pcap", &["--snaplen", "96"])]);
    let run = bench.deframe(&["stats", "short.pcap"]).expect(1);
    run.prints("capture.cut_short").quiet();
}

/// The exit status of `stats` is that of its findings.
#[test]
fn findings_and_exit_status() {
    let bench = Bench::with_captures(&[
        ("clean.pcap", &[]),
        ("bad.pcap", &["--bad-end-marker", "0.2"]),
        ("none.pcap", &["--port", "9001"]),
    ]);
    for (args, status) in [
        (&["clean.pcap"][..], 0),
        (&["bad.pcap"], 1),
        (&["--protocol", "modbus", "none.pcap"], 1),
        (&["--fail-on", "never", "bad.pcap"], 0),
        (&["--fail-on", "network", "bad.pcap"], 0),
        (&["--fail-on", "network,device", "bad.pcap"], 1),
        (&["--fail-on", "device.garbled_frames", "bad.pcap"], 1),
        (&["--fail-on", "devices", "bad.pcap"], 2),
        (&["missing.pcap"], 2),
    ] {
        bench.deframe(&[&["stats"], args].concat()).expect(status);
    }
    let brief = bench.deframe(&["stats", "--brief", "bad.pcap"]).expect(1);
    assert!(brief.stdout().starts_with("Findings\n"), "{brief}");
    assert!(brief.stdout().lines().count() < 12, "{brief}");
}

/// Faults of one kind are one line; what is asked for is listed.
#[test]
fn groups_and_filters() {
    let faults = ["--bad-end-marker", "0.1", "--bad-header", "0.1"];
    let bench = Bench::with_captures(&[("bad.pcap", &faults)]);
    let all = bench
        .deframe(&["errors", "--format", "ndjson", "bad.pcap"])
        .expect(1);
    let all = all.ndjson();
    let of = |kind: &str| all.iter().filter(|fault| fault["kind"] == kind).count() as u64;
    let run = |args: &[&str]| {
        let run = bench
            .deframe(&[args, &["--format", "ndjson", "bad.pcap"]].concat())
            .run();
        assert!(run.status() < Some(2), "{run}");
        run.ndjson()
    };
    let groups = run(&["errors", "--summary"]);
    let counted: u64 = groups
        .iter()
        .map(|group| group["count"].as_u64().unwrap())
        .sum();
    assert_eq!(counted, all.len() as u64);
    assert!(groups.len() < all.len());
    let bad_ends = run(&["errors", "--kind", "bad_end_marker"]);
    assert_eq!(bad_ends.len() as u64, of("bad_end_marker"));
    assert_eq!(run(&["export", "--what", "faults"]), all);
    assert_eq!(
        run(&["export", "--what", "faults", "--limit", "2"]),
        all[..2]
    );
    let frames = run(&["export", "--type", "realtime"]);
    assert!(!frames.is_empty() && frames.iter().all(|frame| frame["type"] == "realtime"));
    let keys = run(&["export", "--columns", "length,type", "--limit", "1"]);
    assert_eq!(keys[0].as_object().unwrap().len(), 2);
    for args in [
        &["export", "--columns", "lenght"][..],
        &["frames", "--type", "nothing"],
        &["errors", "--kind", "nothing"],
    ] {
        bench.deframe(&[args, &["bad.pcap"]].concat()).expect(2);
    }
}

/// CSV and ndjson hold the same values, in every table.
#[test]
fn csv_is_ndjson_value_for_value() {
    let faults = [
        "--bad-end-marker",
        "0.1",
        "--drop",
        "0.05",
        "--conflict",
        "0.1",
    ];
    let bench = Bench::with_captures(&[("bad.pcap", &faults)]);
    for what in ["frames", "faults", "gaps", "streams"] {
        let line = ["export", "--what", what, "bad.pcap", "--format"];
        let csv = bench.deframe(&[&line[..], &["csv"]].concat()).ok();
        let records = bench
            .deframe(&[&line[..], &["ndjson"]].concat())
            .ok()
            .ndjson();
        let mut reader = csv::Reader::from_reader(csv.bytes());
        let names = reader.headers().unwrap().clone();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), records.len(), "{what}");
        assert!(!rows.is_empty(), "{what}");
        for (row, record) in rows.iter().zip(&records) {
            for (name, text) in names.iter().zip(row) {
                let value = record.get(name).cloned().unwrap_or_default();
                assert_eq!(text, as_csv(&value), "{what} {name}");
            }
        }
    }
}

fn as_csv(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(list) => list.iter().map(as_csv).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

#[test]
fn why_nothing_was_found() {
    let bench = Bench::with_captures(&[
        ("short.pcap", &["--snaplen", "96"]),
        ("headers.pcap", &["--snaplen", "54"]),
        ("whole.pcap", &[]),
    ]);
    for (args, parts) in [
        (
            &["frames", "short.pcap"][..],
            &["captured short", "bytes are missing"][..],
        ),
        (
            &["frames", "headers.pcap"],
            &["captured short", "bytes are missing"],
        ),
        (
            &["errors", "short.pcap"],
            &["captured short", "bytes are missing"],
        ),
        (
            &[
                "frames",
                "--protocol",
                "modbus",
                "--port",
                "9000",
                "whole.pcap",
            ],
            &["another protocol"],
        ),
        (
            &["frames", "--from", "2024-01-01T00:00:00Z", "whole.pcap"],
            &[
                "nothing was captured between --from and --to",
                "from 2023-11-14T22:13:20.",
                " to 2023-11-14T22:13:2",
            ],
        ),
        (
            &["frames", "--to", "1000", "whole.pcap"],
            &["nothing was captured between --from and --to"],
        ),
        (
            &["frames", "--from", "+100", "whole.pcap"],
            &["nothing was captured between --from and --to"],
        ),
        (
            &["frames", "--port", "9001", "whole.pcap"],
            &["nothing was selected"],
        ),
    ] {
        let output = bench.run(args);
        let said = output.stderr();
        let note: Vec<_> = said
            .lines()
            .filter(|line| line.contains("NO FRAMES FOUND"))
            .collect();
        assert_eq!(note.len(), 1, "{args:?}: {said}");
        for part in parts {
            assert!(note[0].contains(part), "{args:?}: no {part} in {said}");
        }
        // Nor is another protocol looked for in what is no reason for one.
        assert!(!output.stdout().contains("identify"), "{}", output.stdout());
    }
    // The same packets: what the file is smaller by is what is missing.
    let length = |name| fs::metadata(bench.path().join(name)).unwrap().len();
    let missing = length("whole.pcap") - length("headers.pcap");
    let said = bench
        .run(&["frames", "headers.pcap"])
        .stderr()
        .replace(',', "");
    assert!(
        said.contains(&format!(" {missing} bytes are missing")),
        "{said}"
    );
}

/// Who did not want to see frames is not expected that there are none.
#[test]
fn frames_that_were_not_looked_for() {
    let bench = Bench::with_captures(&[("a.pcap", &[])]);
    let output = bench.run(&["dump", "--limit", "0", "a.pcap"]);
    assert_eq!((output.stdout(), output.stderr()), ("", ""));
    assert_eq!(output.status(), Some(0));
}

/// A full disk is expected of, whatever was to be written, and is no reason to say that there are no frames.
#[cfg(target_os = "linux")]
#[test]
fn full_disks() {
    let bench = Bench::with_captures(&[("a.pcap", &[])]);
    for args in [
        &["--help"][..],
        &["--version"],
        &["stats", "--help"],
        &["help", "frames"],
        &["completions", "bash"],
        &["protocol", "list"],
        &["stats", "a.pcap"],
        &["frames", "a.pcap"],
        &["errors", "a.pcap"],
        &["dump", "a.pcap"],
        &["export", "a.pcap"],
        &["export", "--format", "csv", "a.pcap"],
        &["streams", "a.pcap"],
        &["diff", "a.pcap", "a.pcap"],
        &["simulate", "-o", "-"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = bench.deframe(args).stdout(full).run();
        let said = output.stderr();
        assert_eq!(output.status(), Some(2), "{args:?}: {said}");
        assert!(
            said.contains("cannot write: No space left on device\n"),
            "{args:?}: {said}"
        );
        assert!(!said.contains("NO FRAMES FOUND"), "{args:?}: {said}");
    }
}

/// Help that nobody reads to its end is no failure.
#[cfg(unix)]
#[test]
fn help_into_a_closed_pipe() {
    let bench = Bench::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = bench.deframe(&["--help"]).stdout(writer).run();
    assert_eq!((output.status(), output.stderr()), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn no_input_is_overwritten() {
    let bench = Bench::with_captures(&[("in.pcap", &[])]);
    let meter = fs::read("testdata/meter.toml").unwrap();
    fs::write(bench.path().join("m.toml"), &meter).unwrap();
    let capture = fs::read(bench.path().join("in.pcap")).unwrap();
    for args in [
        &[
            "simulate",
            "--frames",
            "9",
            "--protocol",
            "m.toml",
            "-o",
            "m.toml",
        ][..],
        &[
            "simulate",
            "--frames",
            "9",
            "--protocol",
            "m.toml",
            "-o",
            "x",
            "--truth",
            "m.toml",
        ],
        &[
            "export",
            "--protocol",
            "m.toml",
            "in.pcap",
            "-o",
            "./m.toml",
        ],
        &[
            "identify",
            "--protocol",
            "m.toml",
            "--draft",
            "m.toml",
            "in.pcap",
        ],
        &["protocol", "wireshark", "m.toml", "-o", "m.toml"],
        &["export", "-", "-o", "in.pcap"],
        &["identify", "-", "--draft", "in.pcap"],
        &["export", "in.pcap", "-o", "in.pcap"],
    ] {
        let stdin = File::open(bench.path().join("in.pcap")).unwrap();
        let output = bench.deframe(args).stdin_file(stdin).run();
        let said = output.stderr();
        assert_eq!(output.status(), Some(2), "{args:?}: {said}");
        assert!(
            said.contains(": is an input; name another output"),
            "{args:?}: {said}"
        );
        assert_eq!(
            fs::read(bench.path().join("m.toml")).unwrap(),
            meter,
            "{args:?}"
        );
        assert_eq!(
            fs::read(bench.path().join("in.pcap")).unwrap(),
            capture,
            "{args:?}"
        );
    }
}
