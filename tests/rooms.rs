//! The rooms of `src`: which other rooms each may use, and which rooms may name each foreign crate.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Room, and the rooms it may use. Data flows one way: there is no circle in this list.
const ROOMS: &[(&str, &[&str])] = &[
    ("capture", &[]),
    ("decode", &["capture"]),
    ("tcp", &["capture", "decode"]),
    ("framing", &[]),
    ("protocol", &["framing"]),
    ("pipeline", &["capture", "decode", "tcp", "framing"]),
    (
        "analysis",
        &["capture", "decode", "tcp", "framing", "pipeline"],
    ),
    (
        "diagnosis",
        &[
            "capture", "decode", "tcp", "framing", "protocol", "pipeline", "analysis",
        ],
    ),
    ("codec", &["framing"]),
    ("simulate", &["capture", "decode", "framing"]),
    (
        "diff",
        &[
            "capture", "decode", "tcp", "framing", "pipeline", "analysis",
        ],
    ),
    (
        "identify",
        &["decode", "tcp", "framing", "protocol", "pipeline"],
    ),
    ("wireshark", &["framing", "protocol"]),
    (
        "report",
        &[
            "capture",
            "decode",
            "tcp",
            "framing",
            "protocol",
            "pipeline",
            "analysis",
            "diagnosis",
            "simulate",
            "diff",
            "identify",
        ],
    ),
    (
        "cli",
        &[
            "capture",
            "decode",
            "tcp",
            "framing",
            "protocol",
            "pipeline",
            "analysis",
            "diagnosis",
            "simulate",
            "diff",
            "identify",
            "wireshark",
            "report",
        ],
    ),
];

/// Crate, and the rooms that may name it. Every dependency of the crate is listed.
const CRATES: &[(&str, &[&str])] = &[
    ("anstream", &["report", "cli"]),
    ("anstyle", &["report"]),
    ("base64", &["report"]),
    ("bytes", &["framing", "codec"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("const_hex", &["report"]),
    ("ctrlc", &["cli"]),
    ("futures_core", &["codec"]),
    ("glob", &["cli"]),
    ("comfy_table", &["report"]),
    ("etherparse", &["decode"]),
    ("flate2", &["capture"]),
    ("foldhash", &["decode", "tcp", "diff"]),
    ("indicatif", &["cli"]),
    ("same_file", &["report"]),
    ("strsim", &["protocol"]),
    ("tempfile", &["report"]),
    ("terminal_size", &["cli"]),
    ("unicode_width", &["report"]),
    ("imara_diff", &["diff"]),
    ("jiff", &["report", "cli"]),
    ("lz4_flex", &["capture"]),
    ("memchr", &["capture", "framing", "identify"]),
    ("pcap_parser", &["capture"]),
    ("ruzstd", &["capture"]),
    ("serde", &["protocol", "report"]),
    ("serde_json", &["report"]),
    ("sha2", &["report"]),
    ("crc_catalog", &["protocol"]),
    ("tokio", &["codec"]),
    ("tokio_util", &["codec"]),
    ("toml", &["protocol"]),
];

/// A source file: its room, its path, and its code without comments.
struct Source {
    room: String,
    path: PathBuf,
    code: String,
}

fn collect(room: &str, folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_test = path.file_stem().is_some_and(|stem| stem == "tests");
        if path.is_dir() && !is_test {
            collect(room, &path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") && !is_test {
            let text = fs::read_to_string(&path).unwrap();
            let code = text
                .lines()
                .map(|line| line.split("//").next().unwrap())
                .collect::<Vec<_>>()
                .join("\n");
            let room = room.to_owned();
            found.push(Source { room, path, code });
        }
    }
}

/// All files of all rooms.
fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    for entry in fs::read_dir("src").unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            let room = entry.file_name().into_string().unwrap();
            collect(&room, &entry.path(), &mut found);
        }
    }
    found
}

/// The text behind each path that begins with `name::` as a word of its own.
fn behind<'a>(code: &'a str, name: &str) -> Vec<&'a str> {
    let name = format!("{name}::");
    code.match_indices(&name)
        .filter(|(at, _)| {
            !code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
        })
        .map(|(at, _)| &code[at + name.len()..])
        .collect()
}

fn word(text: &str) -> &str {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    &text[..end.unwrap_or(text.len())]
}

/// The first names behind `crate::` and `deframe::`, also those of a list in braces.
fn used_rooms(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for rest in ["crate", "deframe"]
        .iter()
        .flat_map(|name| behind(code, name))
    {
        let Some(list) = rest.strip_prefix('{') else {
            used.insert(word(rest).to_owned());
            continue;
        };
        let (mut depth, mut item_starts) = (0, true);
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => item_starts = true,
                _ if item_starts && !c.is_whitespace() => {
                    used.insert(word(&list[at..]).to_owned());
                    item_starts = false;
                }
                _ => {}
            }
        }
    }
    used
}

#[test]
fn used_rooms_are_found_in_every_form_of_use() {
    for (code, expected) in [
        ("use crate::tcp::Dir;", vec!["tcp"]),
        ("let x = crate::framing::MAX;", vec!["framing"]),
        (
            "use crate::{\n    capture::{Input, Time},\n    tcp,\n};",
            vec!["capture", "tcp"],
        ),
        ("use deframe::{decode::{self, tcp::Flags}};", vec!["decode"]),
        ("use other_crate::tcp;", vec![]),
    ] {
        let used = used_rooms(code);
        assert!(used.iter().eq(&expected), "{code}: {used:?}");
    }
}

#[test]
fn a_room_uses_only_rooms_of_its_list() {
    let names: BTreeSet<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    let files = sources();
    assert!(files.len() > 100, "only {} files found", files.len());
    for file in &files {
        let path = file.path.display();
        let (_, allowed) = ROOMS
            .iter()
            .find(|(room, _)| *room == file.room)
            .unwrap_or_else(|| panic!("{path}: room {} is not in the list", file.room));
        for used in used_rooms(&file.code) {
            assert!(
                used == file.room
                    || !names.contains(used.as_str())
                    || allowed.contains(&used.as_str()),
                "{path} uses {used}; {} may use {allowed:?}",
                file.room
            );
        }
    }
}

#[test]
fn no_room_is_used_by_a_room_that_it_uses() {
    for (at, (room, allowed)) in ROOMS.iter().enumerate() {
        let before: Vec<&str> = ROOMS[..at].iter().map(|(room, _)| *room).collect();
        for used in *allowed {
            assert!(before.contains(used), "{room} is listed before {used}");
        }
    }
}

/// The names in the dependency table of the manifest.
fn dependencies() -> BTreeSet<String> {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    manifest["dependencies"]
        .as_table()
        .unwrap()
        .keys()
        .map(|name| name.replace('-', "_"))
        .collect()
}

#[test]
fn a_foreign_crate_is_named_only_in_its_rooms() {
    let files = sources();
    for name in dependencies() {
        let (_, rooms) = CRATES
            .iter()
            .find(|(listed, _)| *listed == name)
            .unwrap_or_else(|| panic!("{name} is not in the list of crates"));
        let naming: Vec<&Source> = files
            .iter()
            .filter(|file| !behind(&file.code, &name).is_empty())
            .collect();
        for file in &naming {
            assert!(
                rooms.contains(&file.room.as_str()),
                "{} names {name}, which belongs to {rooms:?}",
                file.path.display()
            );
        }
        assert!(!naming.is_empty(), "no room names {name}: is it needed?");
    }
    for (listed, _) in CRATES {
        assert!(
            dependencies().contains(*listed),
            "{listed} is listed and no dependency"
        );
    }
}

/// The licences of `deny.toml`, which cargo-deny checks too where it is installed.
fn accepted_licences() -> BTreeSet<String> {
    let deny: toml::Table = fs::read_to_string("deny.toml").unwrap().parse().unwrap();
    let allow = deny["licenses"]["allow"].as_array().unwrap();
    allow
        .iter()
        .map(|licence| licence.as_str().unwrap().to_owned())
        .collect()
}

/// Whether one of the alternatives of a licence expression is accepted in all its parts.
fn is_accepted(expression: &str, accepted: &BTreeSet<String>) -> bool {
    let flat = expression.replace(['(', ')'], "").replace('/', " OR ");
    flat.split(" OR ").any(|all| {
        all.split(" AND ")
            .all(|licence| accepted.contains(licence.trim()))
    })
}

#[test]
fn every_dependency_has_an_accepted_licence() {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .output()
        .unwrap();
    if !metadata.status.success() {
        // Without the sources of crates for other platforms, as after a plain build without a network.
        eprintln!(
            "skipped: cargo metadata: {}",
            String::from_utf8_lossy(&metadata.stderr)
        );
        return;
    }
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let accepted = accepted_licences();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 50);
    for package in packages {
        let licence = package["license"].as_str().unwrap_or("none");
        assert!(
            is_accepted(licence, &accepted),
            "{}: licence {licence} is not in deny.toml",
            package["name"]
        );
    }
}
