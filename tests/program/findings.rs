//! Findings of captures of which it is known what was done to them: nobody is blamed who did nothing.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use crate::support::{Bench, deframe, shared_captures};

/// What is done to a capture, and the findings that this allows.
const DONE: &[(&[&str], &[&str])] = &[
    (&["--drop", ".05"], &["capture.not_captured"]),
    // Which of the two a late segment is, only its delay shows, and the simulator is faster than any network.
    (&["--loss", ".08"], &["network.loss", "network.reordering"]),
    (
        &["--reorder", ".1"],
        &["network.loss", "network.reordering"],
    ),
    (&["--retransmit", ".1"], &["network.loss"]),
    (&["--partial-retransmit", ".1"], &["network.loss"]),
    (&["--duplicate", ".1"], &["capture.duplicates"]),
    (&["--keepalive", ".1"], &[]),
    (
        &["--conflict", ".05"],
        &["network.rewritten", "network.loss", "network.reordering"],
    ),
    (&["--bad-checksum", ".05"], &["network.bit_errors"]),
    (&["--ack-early", ".2"], &[]),
    (&["--replies", ".2"], &[]),
    (&["--no-acks", "--close", "none"], &["capture.one_way"]),
    (
        &["--midstream", "--start-offset", "random"],
        &["capture.midstream"],
    ),
    (&["--close", "rst"], &[]),
    (&["--close", "none"], &[]),
    (&["--nat"], &[]),
    (&["--snaplen", "300"], &["capture.cut_short"]),
    (&["--ipv6"], &[]),
    (&["--isn", "wrap"], &[]),
    (&["--bad-header", ".05"], GARBLED),
    (&["--bad-end-marker", ".05"], GARBLED),
    (&["--short-frame", ".05"], GARBLED),
    (&["--long-frame", ".05"], GARBLED),
    (&["--junk", ".05"], GARBLED),
    (&["--truncate-end"], GARBLED),
];

/// Faults of several frames in a row are one run of bytes, whose length may be near a type's.
const GARBLED: &[&str] = &["device.garbled_frames", "device.wrong_length"];

/// How frames are cut into segments.
const SEGMENTATIONS: [&str; 5] = ["one", "nagle", "random", "mss", "coalesce"];

/// Allowed whatever was done.
const ALWAYS: &str = "server.coalesced_reads";

/// The findings of captures, as `culprit.cause`, with their sentences.
fn findings(folder: &Path, captures: &[&str]) -> Vec<(String, String)> {
    let run = deframe()
        .dir(folder)
        .args(["stats", "--format", "json"])
        .args(captures)
        .run();
    let document = run.json();
    let list = document["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    list.map(|finding| {
        let name = format!("{}.{}", text(&finding["culprit"]), text(&finding["cause"]));
        assert!(
            finding["first_packet"].is_u64() || name.starts_with("settings."),
            "{name} leads to no packet"
        );
        (name, text(&finding["text"]))
    })
    .collect()
}

fn check(what: &str, found: &[(String, String)], allowed: &BTreeSet<&str>) {
    for (name, text) in found {
        let fine = name == ALWAYS || allowed.contains(name.as_str());
        assert!(fine, "{what}: {name}: {text}");
    }
}

#[test]
fn nobody_is_blamed_in_200_seeded_captures() {
    let bench = Bench::new();
    let mut seen = BTreeSet::new();
    for seed in 0..200_usize {
        // Each seed does two things; every pair of neighbours in the list is met, and many others.
        let (a, b) = (
            seed % DONE.len(),
            (seed * 7 + seed / DONE.len()) % DONE.len(),
        );
        let seed_text = seed.to_string();
        let mut args = vec![
            "simulate",
            "-o",
            "case.pcap",
            "--seed",
            &seed_text,
            "--devices",
            "3",
        ];
        args.extend(["--frames", "60", "--segmentation", SEGMENTATIONS[seed % 5]]);
        let mut allowed = BTreeSet::new();
        for at in [a, b].into_iter().take(if a == b { 1 } else { 2 }) {
            args.extend(DONE[at].0);
            allowed.extend(DONE[at].1);
        }
        let made = bench.run(&args);
        // `--close` given twice, for example.
        if made.status() != Some(0) {
            continue;
        }
        let found = findings(bench.path(), &["case.pcap"]);
        check(&args.join(" "), &found, &allowed);
        seen.extend(found.into_iter().map(|(name, _)| name));
        fs::remove_file(bench.path().join("case.pcap")).unwrap();
    }
    for name in DONE
        .iter()
        .flat_map(|(_, names)| *names)
        .filter(|name| !name.contains("bit_errors"))
    {
        assert!(seen.contains(*name), "{name} was never found: {seen:?}");
    }
}

#[test]
fn a_clean_capture_has_no_findings() {
    let bench =
        Bench::with_captures(&[("clean.pcap", &["--segmentation", "one", "--devices", "3"])]);
    assert_eq!(findings(bench.path(), &["clean.pcap"]), []);
    bench.run(&["stats", "clean.pcap"]).prints("none: ");
}

/// The same of the captures of another generator, whose truth says what was done.
#[test]
fn nobody_is_blamed_in_the_captures_of_the_suite() {
    let Some(folder) = shared_captures() else {
        return;
    };
    let folder = folder.join("fd");
    let mut checked = 0;
    for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let is_truth = path.extension().is_some_and(|ext| ext == "json");
        if !is_truth || path.file_stem().is_some_and(|stem| stem == "suite") {
            continue;
        }
        let truth: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let files = truth["capture"]["files"].as_array().unwrap().iter();
        let names: Vec<_> = files.map(|file| file["name"].as_str().unwrap()).collect();
        check(
            &path.display().to_string(),
            &findings(&folder, &names),
            &allowed_by(&truth["options"]),
        );
        checked += 1;
    }
    assert!(checked > 80, "only {checked} captures");
}

fn allowed_by(options: &Value) -> BTreeSet<&'static str> {
    let rate = |name: &str| options[name].as_f64().unwrap_or(0.0) > 0.0;
    let flag = |name: &str| options[name].as_bool().unwrap_or(false);
    let garbled = [
        "corrupt_header",
        "corrupt_trailer",
        "short_frame",
        "long_frame",
        "junk",
        "unknown_length",
    ];
    let rows: [(bool, &[&str]); 16] = [
        (
            garbled.iter().any(|name| rate(name)) || flag("truncate_end"),
            GARBLED,
        ),
        (rate("unknown_length"), &["device.unknown_frame_type"]),
        (
            rate("loss") || rate("retransmit") || rate("partial_retransmit"),
            &["network.loss"],
        ),
        (
            rate("reorder") || rate("loss"),
            &["network.reordering", "network.loss"],
        ),
        (
            rate("overlap_conflict"),
            &["network.rewritten", "network.loss", "network.reordering"],
        ),
        // Its RSTs and FINs come from either side, some in the middle of a frame that is never finished.
        (options["close"] == "rst", &["server.reset"]),
        (flag("truncate_end"), &["server.closed_mid_frame"]),
        (rate("ip_fragment"), &["network.reordering"]),
        (rate("bad_checksum"), &["network.bit_errors"]),
        (rate("drop") || rate("frag_drop"), &["capture.not_captured"]),
        (flag("one_way") || !flag("acks"), &["capture.one_way"]),
        (rate("snaplen"), &["capture.cut_short"]),
        (rate("duplicate"), &["capture.duplicates"]),
        (!flag("handshake"), &["capture.midstream"]),
        (
            flag("cut_tail") || flag("cut_gzip"),
            &["capture.truncated_file"],
        ),
        (rate("ts_backwards"), &["capture.clock_step"]),
    ];
    rows.iter()
        .filter(|(done, _)| *done)
        .flat_map(|(_, names)| *names)
        .copied()
        .collect()
}
