//! The captures of the shared folder, all of them: as many packets as its pages say.
//!
//! The folder is named by `DEFRAME_CAPTURES`; without it these tests say that they skip.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use deframe::capture::{CaptureInfo, CaptureSet, Input, Options};
use serde_json::Value;

fn folder() -> Option<PathBuf> {
    let folder = env::var_os("DEFRAME_CAPTURES").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: DEFRAME_CAPTURES is not set");
    }
    folder
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Captures of one folder, by name.
fn captures(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    all.retain(|path| path.extension().is_none_or(|extension| extension != "json"));
    all.sort();
    assert!(!all.is_empty());
    all
}

fn read(paths: &[PathBuf]) -> Vec<CaptureInfo> {
    let inputs = paths.iter().cloned().map(Input::Path).collect();
    let mut set = CaptureSet::new(inputs, Options::default());
    let mut number = 0;
    while let Some(packet) = set.next_packet() {
        number += 1;
        assert_eq!(packet.number, number);
        assert!(packet.wire_len as usize >= packet.data.len());
    }
    assert_eq!(set.table().len(), paths.len());
    set.table().to_vec()
}

#[test]
fn every_capture_has_the_packets_that_its_page_says() {
    let Some(folder) = folder() else { return };
    let tcp = json(&folder.join("tcp.json"));
    let mut compared = 0;
    for (name, entry) in tcp.as_object().unwrap() {
        let files: Vec<_> = entry["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|file| folder.join(file.as_str().unwrap()))
            .collect();
        let table = read(&files);
        // Of several files the page counts the first.
        let packets = table[0].packets;
        if let Some(expected) = entry["container"]["n"].as_u64() {
            assert_eq!(packets, expected, "{name}: {table:#?}");
            compared += 1;
        }
    }
    assert!(compared > 50, "only {compared} pages have a count");
}

#[test]
fn every_capture_is_read_without_a_problem() {
    let Some(folder) = folder() else { return };
    for part in ["tcp", "ics", "fd"] {
        for path in captures(&folder.join(part)) {
            let table = read(std::slice::from_ref(&path));
            let info = &table[0];
            println!(
                "{} {:?} {} {:?} {:?}",
                path.display(),
                info.format,
                info.packets,
                info.truncated,
                info.problem.as_ref().map(|p| p.to_string())
            );
        }
    }
}
