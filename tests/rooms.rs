//! The rooms keep to themselves: each foreign crate is named in one room only, and data flows one way.

use std::{fs, path::Path};

/// Crate, and the rooms of `src` that may name it.
const CRATES: &[(&str, &[&str])] = &[
    ("pcap_parser", &["capture"]),
    ("flate2", &["capture"]),
    ("ruzstd", &["capture"]),
    ("lz4_flex", &["capture"]),
    ("etherparse", &["decode"]),
    ("toml", &["protocol"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("comfy_table", &["report"]),
    ("hex", &["report"]),
    ("serde_json", &["report"]),
    ("csv", &["report"]),
    ("imara_diff", &["diff"]),
];

/// Room, and the rooms above it that it must not know.
const ROOMS: &[(&str, &[&str])] = &[
    (
        "capture",
        &[
            "decode",
            "tcp",
            "framing",
            "protocol",
            "pipeline",
            "analysis",
            "diagnosis",
            "simulate",
            "report",
            "cli",
        ],
    ),
    (
        "decode",
        &[
            "tcp",
            "framing",
            "protocol",
            "pipeline",
            "analysis",
            "diagnosis",
            "simulate",
            "report",
            "cli",
        ],
    ),
    (
        "tcp",
        &[
            "framing",
            "protocol",
            "pipeline",
            "analysis",
            "diagnosis",
            "simulate",
            "report",
            "cli",
        ],
    ),
    (
        "framing",
        &[
            "capture",
            "decode",
            "tcp",
            "protocol",
            "pipeline",
            "analysis",
            "diagnosis",
            "simulate",
            "report",
            "cli",
        ],
    ),
    (
        "protocol",
        &[
            "decode",
            "tcp",
            "pipeline",
            "analysis",
            "diagnosis",
            "simulate",
            "report",
            "cli",
        ],
    ),
    (
        "pipeline",
        &[
            "protocol",
            "analysis",
            "diagnosis",
            "simulate",
            "report",
            "cli",
        ],
    ),
    (
        "diagnosis",
        &["diff", "simulate", "identify", "wireshark", "report", "cli"],
    ),
    (
        "analysis",
        &[
            "diagnosis",
            "protocol",
            "diff",
            "simulate",
            "identify",
            "wireshark",
            "report",
            "cli",
        ],
    ),
    (
        "diff",
        &[
            "protocol",
            "simulate",
            "identify",
            "wireshark",
            "report",
            "cli",
        ],
    ),
    (
        "identify",
        &["analysis", "diff", "simulate", "wireshark", "report", "cli"],
    ),
    (
        "wireshark",
        &[
            "capture", "decode", "tcp", "pipeline", "analysis", "diff", "simulate", "identify",
            "report", "cli",
        ],
    ),
    (
        "simulate",
        &["tcp", "protocol", "pipeline", "analysis", "report", "cli"],
    ),
];

fn sources(room: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(room).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs")
            && !path.to_string_lossy().contains("test")
        {
            found.push((
                path.display().to_string(),
                fs::read_to_string(&path).unwrap(),
            ));
        }
    }
}

/// Lines of code that name `path::`.
fn names(text: &str, path: &str) -> bool {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .any(|line| {
            line.match_indices(&format!("{path}::")).any(|(at, _)| {
                !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
            })
        })
}

/// Whether the text uses a sibling room, as `crate::room` or inside `use crate::{...}`.
fn knows(text: &str, room: &str) -> bool {
    let text: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    text.contains(&format!("crate::{room}"))
        || text.contains(&format!("deframe::{room}"))
        || text.split("use crate::{").skip(1).any(|rest| {
            let list = rest.split("};").next().unwrap_or(rest);
            list.split([',', '\n', '{'])
                .any(|item| item.trim().split("::").next() == Some(room))
        })
}

fn room_of(path: &str) -> String {
    path.split("src/")
        .nth(1)
        .unwrap_or("")
        .split('/')
        .next()
        .unwrap_or("")
        .to_owned()
}

#[test]
fn foreign_crates_stay_in_their_rooms() {
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    assert!(files.len() > 30, "only {} files found", files.len());
    for (name, rooms) in CRATES {
        for (path, text) in &files {
            assert!(
                rooms.contains(&room_of(path).as_str()) || !names(text, name),
                "{path} names {name}, which belongs to {rooms:?}"
            );
        }
        let used = files
            .iter()
            .any(|(path, text)| rooms.contains(&room_of(path).as_str()) && names(text, name));
        assert!(used, "nobody names {name}: is it still needed?");
    }
}

#[test]
fn data_flows_one_way() {
    for (room, above) in ROOMS {
        let mut files = Vec::new();
        sources(&Path::new("src").join(room), &mut files);
        assert!(!files.is_empty(), "no room {room}");
        for (path, text) in &files {
            for other in *above {
                assert!(!knows(text, other), "{path} knows {other}");
            }
        }
    }
}
