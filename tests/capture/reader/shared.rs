//! The captures of the shared folder, all of them: what its pages say, and what must hold when they are damaged.
//!
//! The folder is named by `DEFRAME_CAPTURES`; without it these tests say that they skip.

use std::{
    fs,
    path::{Path, PathBuf},
};

use deframe::capture::{Input, ReadConfig};
use serde_json::Value;

use crate::support::{Random, shared_captures};

use super::{Reading, read, read_all, read_dripping, robust::check};

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Files of one part of the folder: its pages, or its captures.
fn files(folder: &Path, part: &str, pages: bool) -> Vec<PathBuf> {
    let mut all: Vec<_> = fs::read_dir(folder.join(part))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    all.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
            == pages
    });
    all.sort();
    assert!(!all.is_empty());
    all
}

fn captures(folder: &Path) -> Vec<PathBuf> {
    ["tcp", "ics", "fd"]
        .iter()
        .flat_map(|part| files(folder, part, false))
        .collect()
}

fn read_files(paths: Vec<PathBuf>) -> Reading {
    read_all(
        paths.into_iter().map(Input::Path).collect(),
        ReadConfig::default(),
    )
}

#[test]
fn tcp_captures_have_the_packets_that_their_pages_say() {
    let Some(folder) = shared_captures() else {
        return;
    };
    let mut compared = 0;
    for (name, page) in json(&folder.join("tcp.json")).as_object().unwrap() {
        let files = page["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|file| folder.join(file.as_str().unwrap()));
        let table = read_files(files.collect()).table;
        if let Some(expected) = page["container"]["n"].as_u64() {
            // Of several files the page counts the first.
            assert_eq!(table[0].packets, expected, "{name}: {table:#?}");
            compared += 1;
        }
    }
    assert!(compared > 50, "only {compared} pages have a count");
}

#[test]
fn fd_captures_are_what_their_pages_say() {
    let Some(folder) = shared_captures() else {
        return;
    };
    for path in files(&folder, "fd", true) {
        let page = json(&path);
        // One page is a list of the others.
        let Some(files) = page["capture"]["files"].as_array() else {
            continue;
        };
        let name = path.display();
        let reading = read_files(
            files
                .iter()
                .map(|file| folder.join("fd").join(file["name"].as_str().unwrap()))
                .collect(),
        );
        let sum = |number: fn(&deframe::capture::CaptureInfo) -> u64| {
            reading.table.iter().map(number).sum::<u64>()
        };
        // The pages count packets alone; Wireshark numbers custom blocks too.
        let mut numbered = 0;
        for (file, info) in files.iter().zip(&reading.table) {
            assert_eq!(
                Some(info.first_packet - numbered),
                file["first_packet"].as_u64(),
                "{name}"
            );
            numbered += info.other_blocks;
            assert_eq!(Some(info.packets), file["packets"].as_u64(), "{name}");
            assert_eq!(info.problem, None, "{name}");
        }
        let capture = &page["capture"];
        assert_eq!(
            Some(sum(|info| info.captured_bytes)),
            capture["captured_bytes"].as_u64(),
            "{name}"
        );
        assert_eq!(
            Some(sum(|info| info.wire_bytes)),
            capture["original_bytes"].as_u64(),
            "{name}"
        );
        let first = reading
            .table
            .iter()
            .filter_map(|info| info.first_time)
            .min();
        let last = reading.table.iter().filter_map(|info| info.last_time).max();
        assert_eq!(
            first.map(|time| time.nanos()),
            capture["first_ts"].as_i64(),
            "{name}"
        );
        assert_eq!(
            last.map(|time| time.nanos()),
            capture["last_ts"].as_i64(),
            "{name}"
        );
        let cut = ["cut_tail", "cut_gzip"]
            .iter()
            .any(|option| page["options"][option] == true);
        assert_eq!(
            reading.table.iter().any(|info| info.truncated.is_some()),
            cut,
            "{name}"
        );
    }
}

#[test]
fn only_one_capture_has_a_problem() {
    let Some(folder) = shared_captures() else {
        return;
    };
    for path in captures(&folder) {
        let reading = read_files(vec![path.clone()]);
        let info = reading.info();
        // Cited for its garbage record length (tcp-cases 6).
        let garbage = path.ends_with("tcp/019-10.7.29.101_49898-178.63.41.150_25.pcap");
        assert_eq!(info.problem.is_some(), garbage, "{info:#?}");
        assert!(info.packets > 0, "{info:#?}");
        check(&reading, &info.name, 0);
    }
}

#[test]
fn a_slow_pipe_gives_the_same() {
    let Some(folder) = shared_captures() else {
        return;
    };
    for path in captures(&folder) {
        let bytes = fs::read(&path).unwrap();
        if bytes.len() < 100_000 {
            assert_eq!(read_dripping(&bytes), read(&bytes), "{}", path.display());
        }
    }
}

#[test]
fn flipped_bytes_end_in_something() {
    let Some(folder) = shared_captures() else {
        return;
    };
    let mut random = Random(0x5eed);
    for path in captures(&folder) {
        let bytes = fs::read(&path).unwrap();
        // The front of a large one does: it is the headers that matter.
        let bytes = &bytes[..bytes.len().min(40_000)];
        for round in 0..20 {
            let mut bytes = bytes.to_vec();
            for _ in 0..1 + random.next() % 8 {
                let at = random.next() as usize % bytes.len();
                bytes[at] = random.next() as u8;
            }
            bytes.truncate(random.next() as usize % (2 * bytes.len()));
            check(&read(&bytes), &path.display().to_string(), round);
        }
    }
}
