//! Connection numbers are tshark's `tcp.stream` and packet numbers its `frame.number`, on every shared capture.
//!
//! Needs tshark and the folder that `DEFRAME_CAPTURES` names; without either it says that it skips.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::Value;

use crate::support::{deframe, has_peer, shared_captures};

/// Captures on which the numbers differ, and why they should.
const DIFFERENT: &[(&str, &str)] = &[
    (
        "007-bug-76-input",
        "a TCP header with an impossible data offset is dropped and counted",
    ),
    (
        "noise-malformed",
        "TCP headers that are cut off or have an impossible data offset are dropped and counted",
    ),
    (
        "008-bug-7657-01-input",
        "another SYN within an unanswered handshake begins the same connection anew",
    ),
    (
        "064-test5-lines-randomized",
        "a SYN captured behind the data that follows it belongs to that connection",
    ),
    (
        "114-gre-aruba-amsdu",
        "one packet carries two TCP segments of a stream, and both are counted",
    ),
];

/// A direction of a connection: its number, sender's address and port.
type Key = (u64, String, u64);

/// First packet, last packet, packets.
type Packets = (u64, u64, u64);

fn ours(path: &Path) -> BTreeMap<Key, Packets> {
    // A capture with a damaged record has exit status 2; what is before it counts.
    let run = deframe()
        .args(["streams", "--format", "ndjson"])
        .arg(path)
        .run();
    let number = |stream: &Value, key: &str| {
        stream[key]
            .as_u64()
            .unwrap_or_else(|| panic!("{key}: {stream}"))
    };
    run.ndjson()
        .into_iter()
        .map(|stream| {
            let src = stream["src"].as_str().unwrap().to_owned();
            let key = (number(&stream, "connection"), src, number(&stream, "sport"));
            let packets = number(&stream, "packets");
            (
                key,
                (
                    number(&stream, "first_packet"),
                    number(&stream, "last_packet"),
                    packets,
                ),
            )
        })
        .filter(|(_, (.., packets))| *packets > 0)
        .collect()
}

/// None if tshark cannot read it.
fn tshark(path: &Path) -> Option<BTreeMap<Key, Packets>> {
    let fields = [
        "frame.number",
        "tcp.stream",
        "ip.src",
        "ipv6.src",
        "tcp.srcport",
        "icmp.type",
        "icmpv6.type",
    ];
    let mut command = Command::new("tshark");
    // Of several layers the innermost counts.
    command
        .args([
            "-n",
            "-o",
            "tcp.desegment_tcp_streams:FALSE",
            "-T",
            "fields",
            "-E",
            "occurrence=l",
            "-r",
        ])
        .arg(path);
    for field in fields {
        command.args(["-e", field]);
    }
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    if text.is_empty() {
        return None;
    }
    let mut found: BTreeMap<Key, Packets> = BTreeMap::new();
    for line in text.lines() {
        let values: Vec<&str> = line.split('\t').collect();
        let [frame, stream, ip4, ip6, port, icmp, icmp6] = values[..] else {
            panic!("{line}")
        };
        // A TCP header quoted in an ICMP error is no packet of ours (tcp-cases.md).
        let quoted = !icmp.is_empty() || !icmp6.is_empty();
        let (Ok(frame), Ok(stream), Ok(port), false) =
            (frame.parse(), stream.parse(), port.parse(), quoted)
        else {
            continue;
        };
        let src = if ip6.is_empty() { ip4 } else { ip6 };
        let packets = found
            .entry((stream, src.to_owned(), port))
            .or_insert((frame, frame, 0));
        (packets.1, packets.2) = (frame, packets.2 + 1);
    }
    Some(found)
}

/// What is in one and not in the other, a few of each.
fn difference(ours: &BTreeMap<Key, Packets>, theirs: &BTreeMap<Key, Packets>) -> Option<String> {
    let ours: BTreeSet<_> = ours.iter().collect();
    let theirs: BTreeSet<_> = theirs.iter().collect();
    let mine: Vec<_> = ours.difference(&theirs).collect();
    let other: Vec<_> = theirs.difference(&ours).collect();
    let few = |all: &[&(&Key, &Packets)]| {
        all.iter()
            .take(3)
            .map(|one| format!("{one:?}"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let differ = !mine.is_empty() || !other.is_empty();
    differ.then(|| {
        format!(
            "{} only deframe: {}; {} only tshark: {}",
            mine.len(),
            few(&mine),
            other.len(),
            few(&other)
        )
    })
}

fn captures() -> Option<Vec<PathBuf>> {
    let folder = shared_captures()?;
    if !has_peer(&["tshark", "--version"]) {
        return None;
    }
    let mut paths: Vec<PathBuf> = ["tcp", "ics", "fd"]
        .iter()
        .flat_map(|part| fs::read_dir(folder.join(part)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|extension| extension != "json"))
        .collect();
    paths.sort();
    Some(paths)
}

#[test]
fn connections_and_packets_have_the_numbers_of_tshark() {
    let Some(paths) = captures() else { return };
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = tshark(path).map(|theirs| difference(&ours(path), &theirs));
                    results.lock().unwrap().push((path, result));
                }
            });
        }
    });
    let (mut compared, mut wrong) = (0, Vec::new());
    for (path, result) in results.into_inner().unwrap() {
        let name = path.file_name().unwrap().to_string_lossy();
        let known = DIFFERENT.iter().find(|(known, _)| name.starts_with(known));
        match (result, known) {
            (None, _) => println!("{name}: tshark reads nothing of it"),
            (Some(None), None) => compared += 1,
            (Some(Some(_)), Some(_)) => {}
            (Some(None), Some((_, why))) => {
                wrong.push(format!("{name}: no difference any more ({why})"))
            }
            (Some(Some(difference)), None) => wrong.push(format!("{name}: {difference}")),
        }
    }
    wrong.sort();
    assert!(
        wrong.is_empty(),
        "{} captures:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(compared > 100, "only {compared} captures");
}
