//! `stats` and `streams`: golden texts of small captures, conservation and totals on the shared ones.
//!
//! `DEFRAME_BLESS=1` rewrites the texts. `DEFRAME_CAPTURES` names the folder of the shared captures; without it those
//! tests say that they skip.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::support::{Run, deframe, golden, shared_captures};

const CAPTURES: [&str; 7] = [
    "field.pcap",
    "faults.pcap",
    "lossy.pcapng",
    "mess.pcapng",
    "midstream.pcap",
    "snaplen.pcap",
    "tiny.pcap",
];

/// Runs the program in the project's folder, so that names of captures are the same everywhere.
fn run(args: &[&str], captures: &[PathBuf]) -> Run {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    deframe().dir(root).args(args).args(captures).run()
}

fn text(args: &[&str], capture: &str) -> String {
    let run = run(args, &[Path::new("testdata").join(capture)]);
    run.stdout().to_owned()
}

#[test]
fn golden_texts() {
    for capture in CAPTURES {
        let name = capture.split('.').next().unwrap();
        golden(&format!("stats-{name}"), &text(&["stats"], capture));
        golden(&format!("streams-{name}"), &text(&["streams"], capture));
    }
    golden("stats-none", &text(&["stats", "--port", "1"], "field.pcap"));
}

#[test]
fn tables_fit_and_hold_no_colour() {
    for capture in CAPTURES {
        for args in [&["stats", "--all"][..], &["streams"]] {
            let text = text(args, capture);
            assert!(!text.contains('\u{1b}'), "{capture}");
            let wide: Vec<_> = text
                .lines()
                .filter(|line| line.chars().count() > 100)
                .collect();
            assert!(wide.is_empty(), "{args:?} {capture}: {wide:#?}");
        }
    }
    assert!(text(&["stats", "--color", "always"], "field.pcap").contains('\u{1b}'));
}

#[test]
fn bytes_outside_the_times_asked_for_are_accounted_for() {
    for times in [
        &["--from", "+1"][..],
        &["--to", "+0.5"],
        &["--from", "+2.42", "--to", "+2.421"],
    ] {
        let args = [&["stats", "--format", "json"], times].concat();
        let page = text(&args, "plant.pcap");
        let account = &serde_json::from_str::<Value>(&page).unwrap()["total"]["account"];
        let parts = [
            "frames",
            "faults",
            "leading",
            "cut",
            "unfinished",
            "unrecognised",
            "unselected",
        ];
        assert!(
            account["unselected"].as_u64().unwrap() > 0,
            "{times:?} {account}"
        );
        assert_eq!(
            account["stream_bytes"],
            sum(account, &parts),
            "{times:?} {account}"
        );
    }
}

#[test]
fn segments_are_those_of_the_time_asked_for() {
    let of = |times: &[&str]| {
        let args = [&["stats", "--format", "json"], times].concat();
        let page: Value = serde_json::from_str(&text(&args, "plant.pcap")).unwrap();
        ["segments", "coalesced", "whole", "aligned"]
            .map(|name| page["total"]["delivery"][name].as_u64().unwrap())
    };
    let (all, before, after) = (of(&[]), of(&["--to", "+0.5"]), of(&["--from", "+0.5"]));
    for (at, all) in all.into_iter().enumerate() {
        assert!(before[at] > 0 && after[at] > 0, "{before:?} {after:?}");
        assert_eq!(before[at] + after[at], all, "{before:?} {after:?}");
    }
}

#[test]
fn exit_status_says_whether_there_are_faults() {
    for (capture, want) in [("field.pcap", 0), ("faults.pcap", 1)] {
        let output = run(&["stats"], &[Path::new("testdata").join(capture)]);
        assert_eq!(output.status(), Some(want), "{capture}");
    }
}

#[test]
fn saved_streams_are_the_captured_bytes_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let capture = [PathBuf::from("testdata/lossy.pcapng")];
    let folder_name = folder.path().to_str().unwrap();
    let output = run(
        &[
            "streams",
            "--format",
            "ndjson",
            "--digest",
            "--save",
            folder_name,
        ],
        &capture,
    );
    assert_eq!(output.status(), Some(0), "{output:?}");
    let (mut compared, mut with_gaps) = (0, 0);
    for line in output.stdout().to_owned().lines() {
        let stream: Value = serde_json::from_str(line).unwrap();
        let part = |key: &str| stream[key].to_string().replace('"', "").replace(':', "_");
        let name = format!(
            "{}-{}-{}.{}-{}.{}",
            part("connection"),
            part("dir"),
            part("src"),
            part("sport"),
            part("dst"),
            part("dport")
        );
        let bytes = fs::read(folder.path().join(format!("{name}.bin"))).unwrap_or_default();
        let digest: String = <sha2::Sha256 as sha2::Digest>::digest(&bytes)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(stream["sha256"], digest, "{name}");
        let gaps = fs::read_to_string(folder.path().join(format!("{name}.gaps.ndjson")))
            .unwrap_or_default();
        assert_eq!(stream["gap_count"], gaps.lines().count(), "{name}");
        compared += u64::from(!bytes.is_empty());
        with_gaps += u64::from(!gaps.is_empty());
    }
    assert!(compared > 1 && with_gaps > 0);
    let again = run(&["streams", "--save", folder_name], &capture);
    assert_eq!(again.status(), Some(2));
    assert!(again.stderr().contains("exists already"));
}

fn folder() -> Option<PathBuf> {
    shared_captures().map(|folder| fs::canonicalize(folder).unwrap())
}

fn stats(captures: &[PathBuf]) -> Value {
    run(&["stats", "--format", "json", "-qq"], captures).json()
}

fn sum(account: &Value, keys: &[&str]) -> u64 {
    keys.iter().map(|key| account[*key].as_u64().unwrap()).sum()
}

#[test]
fn every_byte_is_accounted_for() {
    let Some(folder) = folder() else { return };
    let mut bytes = 0;
    for part in ["tcp", "ics", "fd"] {
        for entry in fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                continue;
            }
            let stats = stats(std::slice::from_ref(&path));
            let streams = stats["streams"].as_array().unwrap();
            for counts in streams.iter().chain([&stats["total"]]) {
                let account = &counts["account"];
                let parts = [
                    "frames",
                    "faults",
                    "leading",
                    "cut",
                    "unfinished",
                    "unrecognised",
                ];
                assert_eq!(
                    account["stream_bytes"],
                    sum(account, &parts),
                    "{path:?}: {account}"
                );
                let all = ["stream_bytes", "retransmitted_bytes", "outside_bytes"];
                assert_eq!(
                    account["payload_bytes"],
                    sum(account, &all),
                    "{path:?}: {account}"
                );
            }
            for key in ["stream_bytes", "frames", "faults"] {
                let of_streams: u64 = streams
                    .iter()
                    .map(|stream| stream["account"][key].as_u64().unwrap())
                    .sum();
                assert_eq!(stats["total"]["account"][key], of_streams, "{path:?}");
            }
            bytes += stats["total"]["account"]["stream_bytes"].as_u64().unwrap();
        }
    }
    assert!(bytes > 1_000_000);
}

/// Totals of the pages beside the device captures, where every rule tells the same: no frame contested or optional,
/// nothing garbled, no byte that came twice and differed.
#[test]
fn totals_are_those_of_the_truth() {
    let Some(folder) = folder() else { return };
    let folder = folder.join("fd");
    let suite: Value =
        serde_json::from_slice(&fs::read(folder.join("suite.json")).unwrap()).unwrap();
    let mut compared = 0;
    for case in suite.as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let truth = fs::read(folder.join(case["truth"].as_str().unwrap())).unwrap();
        let truth: Value = serde_json::from_slice(&truth).unwrap();
        let of = |key: &str| &truth["totals"][key];
        let faults = of("faults").as_object().unwrap();
        let differs = truth["options"]["overlap_conflict"] != 0.0;
        if of("optional") != 0 || of("contested") != 0 || !faults.is_empty() || differs {
            continue;
        }
        let files = truth["capture"]["files"].as_array().unwrap();
        let files: Vec<_> = files
            .iter()
            .map(|file| folder.join(file["name"].as_str().unwrap()))
            .collect();
        let stats = stats(&files);
        let total = &stats["total"];
        for kind in ["realtime", "extra190", "extra192"] {
            assert_eq!(
                total["frames_by_type"][kind],
                of("frames")[kind],
                "{name} {kind}"
            );
        }
        assert_eq!(
            total["messages"]["report"],
            *of("messages"),
            "{name}: messages"
        );
        assert_eq!(total["faults"], 0, "{name}: faults");
        compared += 1;
    }
    assert!(compared > 30, "only {compared} compared");
}
