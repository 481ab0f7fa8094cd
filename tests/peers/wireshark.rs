//! The generated dissectors in tshark: the same frames, of the same types and sizes, in the same packets as `export`.
//!
//! Needs tshark, and the shared captures (`DEFRAME_CAPTURES`); says so where it skips.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Captures of the device protocol, all on port 9000: split, coalesced, retransmitted, begun in the middle, garbled.
const DEVICE: &[&str] = &[
    "plain-coalesce",
    "plain-jumbo",
    "plain-mss",
    "plain-nagle-many",
    "plain-nat",
    "plain-one",
    "plain-random",
    "plain-tiny",
    "retransmit",
    "partial-retransmit",
    "midstream",
    "midstream-offset",
    "midstream-oneway",
    "fault-ends",
    "fault-header",
    "fault-junk",
    "fault-short-long",
    "fault-trailer",
    "isn-wrap",
    "adversarial-tiny",
];

/// Packets out of order: tshark shows a frame in the packet that closes the hole before it, not in that of its last byte.
const OUT_OF_ORDER: &[&str] = &["hohohouds"];

/// Packet, type and size of every frame, and how often they are there.
type Frames = BTreeMap<(u64, String, u64), u32>;

fn captures() -> Option<PathBuf> {
    if Command::new("tshark").arg("--version").output().is_err() {
        eprintln!("SKIPPED: tshark is not installed, no dissector was tried");
        return None;
    }
    let folder = std::env::var_os("DEFRAME_CAPTURES").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("SKIPPED: DEFRAME_CAPTURES is not set, no dissector was tried");
    }
    folder
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        !errors.to_lowercase().contains("lua"),
        "{command:?}: {errors}"
    );
    String::from_utf8(output.stdout).unwrap()
}

fn deframe() -> Command {
    Command::new(env!("CARGO_BIN_EXE_deframe"))
}

fn exported(capture: &Path, protocol: &str, ports: &[u64]) -> Frames {
    let mut command = deframe();
    command
        .arg("export")
        .arg(capture)
        .args(["--protocol", protocol, "--payload", "none"]);
    for port in ports {
        command.args(["--port", &port.to_string()]);
    }
    let mut frames = Frames::new();
    for line in output(&mut command).lines() {
        let frame: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| frame[key].as_str().unwrap().to_owned();
        let number = |key: &str| frame[key].as_u64().unwrap();
        *frames
            .entry((number("last_packet"), text("type"), number("length")))
            .or_default() += 1;
    }
    frames
}

/// `ports` are those that tshark gives to the dissector.
fn dissected(capture: &Path, protocol: &str, script: &Path, ports: &BTreeSet<u64>) -> Frames {
    let id = format!("df_{}", protocol.replace('-', "_"));
    let mut command = Command::new("tshark");
    command.args(["-n", "-o", "tcp.reassemble_out_of_order:TRUE", "-X"]);
    command
        .arg(format!("lua_script:{}", script.display()))
        .arg("-r")
        .arg(capture);
    for port in ports {
        command.args(["-d", &format!("tcp.port=={port},{id}")]);
    }
    command.args([
        "-Y",
        &id,
        "-T",
        "fields",
        "-E",
        "occurrence=a",
        "-e",
        "frame.number",
    ]);
    command.args(["-e", &format!("{id}.type"), "-e", &format!("{id}.size")]);
    let mut frames = Frames::new();
    for line in output(&mut command).lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        for (kind, size) in cells[1]
            .split(',')
            .zip(cells[2].split(','))
            .filter(|(kind, _)| !kind.is_empty())
        {
            let key = (
                cells[0].parse().unwrap(),
                kind.to_owned(),
                size.parse().unwrap(),
            );
            *frames.entry(key).or_default() += 1;
        }
    }
    frames
}

/// Compares; returns how many frames there are.
fn compare(
    capture: &Path,
    protocol: &str,
    ports: &[u64],
    decode_as: &BTreeSet<u64>,
    folder: &Path,
) -> u32 {
    let script = folder.join(format!("{protocol}.lua"));
    fs::write(
        &script,
        output(deframe().args(["protocol", "wireshark", protocol])),
    )
    .unwrap();
    let (want, have) = (
        exported(capture, protocol, ports),
        dissected(capture, protocol, &script, decode_as),
    );
    let missing: Vec<_> = want
        .iter()
        .filter(|(key, n)| have.get(*key) != Some(n))
        .take(3)
        .collect();
    let extra: Vec<_> = have
        .iter()
        .filter(|(key, n)| want.get(*key) != Some(n))
        .take(3)
        .collect();
    assert!(
        want == have,
        "{}: missing {missing:?}, not ours {extra:?}",
        capture.display()
    );
    want.values().sum()
}

#[test]
fn device_frames_in_the_same_packets() {
    let Some(captures) = captures() else { return };
    let folder = tempfile::tempdir().unwrap();
    let decode_as = BTreeSet::from([9000]);
    let mut frames = 0;
    for name in DEVICE {
        let capture = captures.join("fd").join(format!("{name}.cap"));
        frames += compare(&capture, "fd", &[9000], &decode_as, folder.path());
    }
    assert!(frames > 3000, "{frames}");
}

#[test]
fn frames_of_the_library_in_the_same_packets() {
    let Some(captures) = captures() else { return };
    let folder = tempfile::tempdir().unwrap();
    let table: Value =
        serde_json::from_slice(&fs::read(captures.join("ics.json")).unwrap()).unwrap();
    let mut protocols = BTreeMap::<String, u32>::new();
    for (name, entry) in table.as_object().unwrap() {
        if entry["clean"] != true || OUT_OF_ORDER.iter().any(|other| name.contains(other)) {
            continue;
        }
        let protocol = entry["protocol"].as_str().unwrap();
        let ports: Vec<u64> = entry["ports"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_u64)
            .collect();
        // Where the client's port is the lower one, tshark asks that port's dissector first.
        let ends = entry["streams"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|stream| [&stream["src"], &stream["dst"]]);
        let low = ports.iter().copied().max().unwrap_or(0);
        let decode_as = ends
            .filter_map(|end| end.as_str()?.rsplit(':').next()?.parse().ok())
            .filter(|port| *port <= low)
            .chain(ports.iter().copied())
            .collect();
        let capture = captures.join(entry["file"].as_str().unwrap());
        let frames = compare(&capture, protocol, &ports, &decode_as, folder.path());
        *protocols.entry(protocol.to_owned()).or_default() += frames;
    }
    assert!(
        protocols.len() >= 15 && protocols.values().all(|frames| *frames > 0),
        "{protocols:?}"
    );
}

/// Every description makes a script that tshark loads, also those that no capture tries.
#[test]
fn every_dissector_loads() {
    if Command::new("tshark").arg("--version").output().is_err() {
        eprintln!("SKIPPED: tshark is not installed, no dissector was loaded");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let tiny = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/tiny.pcap");
    fs::write(
        folder.path().join("starter.toml"),
        deframe::protocol::STARTER,
    )
    .unwrap();
    let mut command = Command::new("tshark");
    command.args(["-n", "-c", "1", "-r"]).arg(&tiny);
    let starter = folder.path().join("starter.toml").display().to_string();
    let names = deframe::protocol::library().map(|entry| entry.name.to_owned());
    for (index, name) in names.chain([starter]).enumerate() {
        let script = folder.path().join(format!("{index}.lua"));
        fs::write(
            &script,
            output(deframe().args(["protocol", "wireshark", &name])),
        )
        .unwrap();
        command.args(["-X", &format!("lua_script:{}", script.display())]);
    }
    output(&mut command);
}

/// A protocol of nobody's: drafted from a capture, made a dissector, and the same frames again.
#[test]
fn a_drafted_description_in_wireshark() {
    if Command::new("tshark").arg("--version").output().is_err() {
        eprintln!("SKIPPED: tshark is not installed, no drafted dissector was tried");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let text = "name = 'secret'\n[[frame]]\nname = 'value'\nheader = 'A5 01'\npayload = 60\nend = '5A'\n\
                [[frame]]\nname = 'alarm'\nheader = 'A5 02'\npayload = 20\nend = '5A'\n";
    fs::write(path("secret.toml"), text).unwrap();
    let mut simulate = deframe();
    simulate.args([
        "simulate",
        "-q",
        "--segmentation",
        "random",
        "--seed",
        "4",
        "-o",
    ]);
    simulate
        .arg(path("a.pcap"))
        .arg("--protocol")
        .arg(path("secret.toml"));
    output(&mut simulate);
    let (capture, draft, script) = (path("a.pcap"), path("draft.toml"), path("draft.lua"));
    output(
        deframe()
            .args(["identify", "-q", "--draft"])
            .arg(&draft)
            .arg(&capture),
    );
    output(
        deframe()
            .args(["protocol", "wireshark"])
            .arg(&draft)
            .arg("-o")
            .arg(&script),
    );
    let want = exported(&capture, draft.to_str().unwrap(), &[]);
    assert!(want.values().sum::<u32>() >= 400, "{want:?}");
    assert_eq!(
        dissected(&capture, "port9000", &script, &BTreeSet::new()),
        want
    );
}
