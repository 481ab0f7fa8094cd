//! The generated dissectors in tshark: the same frames, of the same types and sizes, in the same packets as `export`.

use std::{collections::BTreeMap, fs, path::Path};

use deframe::{protocol::Protocol, wireshark};
use serde_json::Value;

use crate::support::{Bench, TestCommand, deframe, has_peer, shared_captures};

/// Shared captures on which some frames differ, how many of how many, and why they should.
const DIFFERENT: &[(&str, &str)] = &[
    (
        "adversarial-everything",
        "a frame across a gap: a payload holds a whole header and end marker, and deframe drops it with the gap",
    ),
    (
        "hohohouds",
        "a connection with segments out of order at its start, where deframe takes another first byte",
    ),
];

/// Captures of the device protocol: cut in every way, damaged, out of order, with gaps, in tunnels and in fragments.
const DEVICE: &[&str] = &[
    "adversarial-tiny",
    "drop-bursts",
    "fault-ends",
    "fault-header",
    "fault-junk",
    "fault-short-long",
    "fault-trailer",
    "fragments-v6-shuffled",
    "isn-wrap",
    "midstream",
    "midstream-offset",
    "midstream-oneway",
    "mpls",
    "partial-retransmit",
    "plain-coalesce",
    "plain-jumbo",
    "plain-mss",
    "plain-nagle-many",
    "plain-nat",
    "plain-one",
    "plain-random",
    "plain-tiny",
    "retransmit",
    "tfo",
];

/// Packet, type and size of every frame, and how often they are there.
type Frames = BTreeMap<(u64, String, u64), u32>;

fn exported(capture: &Path, protocol: &str, ports: &[u64]) -> Frames {
    let mut command = deframe()
        .args(["-q", "export", "--payload", "none", "--protocol", protocol])
        .arg(capture);
    for port in ports {
        command = command.args(["--port", &port.to_string()]);
    }
    let mut frames = Frames::new();
    for frame in command.ok().ndjson() {
        let kind = frame["type"].as_str().unwrap().to_owned();
        let number = |key: &str| frame[key].as_u64().unwrap();
        *frames
            .entry((number("last_packet"), kind, number("length")))
            .or_default() += 1;
    }
    frames
}

/// How tshark reads: twice over the capture as Wireshark does, and with segments out of order reassembled.
#[derive(Clone, Copy, Debug)]
struct Reading {
    twice: bool,
    out_of_order: bool,
}

const READINGS: [Reading; 2] = [
    Reading {
        twice: true,
        out_of_order: true,
    },
    Reading {
        twice: true,
        out_of_order: false,
    },
];

fn dissected(capture: &Path, id: &str, script: &Path, reading: Reading) -> Frames {
    let on = if reading.out_of_order {
        "TRUE"
    } else {
        "FALSE"
    };
    let order = format!("tcp.reassemble_out_of_order:{on}");
    let mut command = TestCommand::new("tshark");
    if reading.twice {
        command = command.arg("-2");
    }
    let run = command
        .args(["-n", "-o", &order])
        .args(["-X", &format!("lua_script:{}", script.display())])
        .arg("-r")
        .arg(capture)
        .args([
            "-Y",
            id,
            "-T",
            "fields",
            "-E",
            "occurrence=a",
            "-e",
            "frame.number",
        ])
        .args(["-e", &format!("{id}.type"), "-e", &format!("{id}.size")])
        .run();
    assert!(!run.stderr().contains("Lua"), "{run}");
    let mut frames = Frames::new();
    for line in run.stdout().lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let both = cells[1].split(',').zip(cells[2].split(','));
        for (kind, size) in both.filter(|(kind, _)| !kind.is_empty()) {
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

/// Writes the dissector of a protocol; returns its name in display filters.
fn write_dissector(bench: &Bench, protocol: &str, ports: &[u64]) -> String {
    let ports: Vec<String> = ports
        .iter()
        .flat_map(|port| ["--port".to_owned(), port.to_string()])
        .collect();
    deframe()
        .args(["-q", "protocol", "wireshark", protocol, "-o"])
        .arg(bench.file("protocol.lua"))
        .args(ports)
        .ok();
    let text = String::from_utf8(bench.read("protocol.lua")).unwrap();
    let id = text.split("Proto(\"").nth(1).unwrap();
    id.split('"').next().unwrap().to_owned()
}

/// Compares; returns how many frames there are, and the frames that are not in both.
fn compare(capture: &Path, protocol: &str, ports: &[u64], readings: &[Reading]) -> (u32, String) {
    let bench = Bench::new();
    let id = write_dissector(&bench, protocol, ports);
    let want = exported(capture, protocol, ports);
    let mut different = String::new();
    for reading in readings {
        let have = dissected(capture, &id, &bench.file("protocol.lua"), *reading);
        let only = |these: &Frames, those: &Frames| {
            let only = these.iter().filter(|(key, n)| those.get(*key) != Some(n));
            only.map(|(key, n)| format!("{key:?}×{n}"))
                .take(3)
                .collect::<Vec<_>>()
        };
        if want != have {
            different += &format!(
                "\n{} {reading:?}: only export {:?}, only tshark {:?}",
                capture.display(),
                only(&want, &have),
                only(&have, &want)
            );
        }
    }
    (want.values().sum(), different)
}

#[test]
fn frames_of_testdata_in_the_same_packets() {
    if !has_peer(&["tshark", "--version"]) {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let meter = folder.join("meter.toml").display().to_string();
    let (mut frames, mut different, mut captures) = (0, String::new(), 0);
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if !path
            .extension()
            .is_some_and(|ext| ext == "pcap" || ext == "pcapng")
        {
            continue;
        }
        let is_meter = path.ends_with("meter.pcap");
        let (n, difference) = compare(&path, if is_meter { &meter } else { "fd" }, &[], &READINGS);
        frames += n;
        captures += 1;
        different += &difference;
    }
    assert!(different.is_empty(), "{different}");
    assert!(
        captures >= 13 && frames > 1900,
        "{captures} captures, {frames} frames"
    );
}

/// One pass, as tshark reads without `-2`, where no frame depends on what follows it.
#[test]
fn frames_of_one_pass() {
    if !has_peer(&["tshark", "--version"]) {
        return;
    }
    let once = Reading {
        twice: false,
        out_of_order: true,
    };
    for name in ["plant.pcap", "tiny.pcap", "field.pcap"] {
        let capture = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("testdata")
            .join(name);
        let (frames, different) = compare(&capture, "fd", &[], &[once]);
        assert!(different.is_empty() && frames > 0, "{different}");
    }
}

#[test]
fn frames_of_devices_in_the_same_packets() {
    let Some(captures) = shared_captures() else {
        return;
    };
    if !has_peer(&["tshark", "--version"]) {
        return;
    }
    let (mut frames, mut different) = (0, String::new());
    for name in DEVICE {
        let capture = captures.join("fd").join(format!("{name}.cap"));
        if capture.exists() {
            let (n, difference) = compare(&capture, "fd", &[9000], &READINGS[..1]);
            frames += n;
            different += &difference;
        }
    }
    assert!(different.is_empty(), "{different}");
    assert!(frames > 3000, "{frames}");
}

#[test]
fn frames_of_the_library_in_the_same_packets() {
    let Some(captures) = shared_captures() else {
        return;
    };
    if !has_peer(&["tshark", "--version"]) {
        return;
    }
    let table: Value =
        serde_json::from_slice(&fs::read(captures.join("ics.json")).unwrap()).unwrap();
    let (mut protocols, mut different) = (BTreeMap::<String, u32>::new(), String::new());
    for (name, entry) in table.as_object().unwrap() {
        if entry["clean"] != true || DIFFERENT.iter().any(|(other, _)| name.contains(other)) {
            continue;
        }
        let protocol = entry["protocol"].as_str().unwrap();
        let ports = entry["ports"].as_array().unwrap();
        let ports: Vec<u64> = ports.iter().filter_map(Value::as_u64).collect();
        let capture = captures.join(entry["file"].as_str().unwrap());
        let (frames, difference) = compare(&capture, protocol, &ports, &READINGS[..1]);
        *protocols.entry(protocol.to_owned()).or_default() += frames;
        different += &difference;
    }
    assert!(different.is_empty(), "{different}");
    assert!(
        protocols.len() >= 15 && protocols.values().all(|frames| *frames > 0),
        "{protocols:?}"
    );
}

/// A description drafted from a capture, as a dissector: the same frames again.
#[test]
fn a_drafted_description_in_wireshark() {
    if !has_peer(&["tshark", "--version"]) {
        return;
    }
    let bench = Bench::new();
    bench.write(
        "secret.toml",
        "name = 'secret'\n[[frame]]\nname = 'value'\nheader = 'A5 01'\npayload = 60\nend = '5A'\n\
         [[frame]]\nname = 'alarm'\nheader = 'A5 02'\npayload = 20\nend = '5A'\n",
    );
    let options = ["--segmentation", "random", "--seed", "4", "--frames", "60"];
    bench.simulate(
        "a.pcap",
        &[&["--protocol", "secret.toml"], &options[..]].concat(),
    );
    bench
        .deframe(&["identify", "-q", "--draft", "draft.toml", "a.pcap"])
        .ok();
    let (capture, draft) = (bench.file("a.pcap"), bench.file("draft.toml"));
    let (frames, different) = compare(&capture, draft.to_str().unwrap(), &[], &READINGS);
    assert!(
        different.is_empty() && frames >= 100,
        "{frames} {different}"
    );
}

/// Names that are one word in Lua are two fields in tshark, and no text of a description is run.
#[test]
fn hostile_names_are_shown_and_not_run() {
    if !has_peer(&["tshark", "--version"]) {
        return;
    }
    let bench = Bench::new();
    let evil = format!("\"); io.open('{}', 'w') --", bench.file("run").display());
    let field = "\n[[frame.field]]\ntype = 'u8'\n";
    let text = format!(
        "name = 'x'\nports = [9000]\n[[frame]]\nname = 'a_b'\nheader = 'A5 01'\npayload = 60\nend = '5A'\
         {field}name = 'c'\noffset = 2\n{field}name = 'C'\noffset = 3\n{field}name = '1st'\noffset = 4\n\
         [[frame]]\nname = 'a'\nheader = 'A5 02'\npayload = 20\nend = '5A'{field}name = 'b c'\noffset = 2\n"
    );
    bench.write("x.toml", &text);
    bench.simulate("a.pcap", &["--protocol", "x.toml"]);
    let mut protocol = Protocol::parse(&text, "x.toml").unwrap();
    protocol.description = Some(evil.clone());
    protocol.source = Some(format!("a\n{evil}"));
    protocol.frames[0].description = Some(evil.clone());
    protocol.frames[0].fields[0].description = Some(format!("PROTO COLUMN {evil}"));
    protocol.frames[0].fields[0].unit = Some(format!("%d {evil}"));
    protocol.frames[0].fields[1].scale = Some(0.5);
    protocol.frames[0].fields[1].unit = Some(format!("%d {evil}"));
    protocol.frames[0].fields[2].names = (0..=255).map(|value| (value, evil.clone())).collect();
    bench.write("x.lua", wireshark::dissector(&protocol));
    let run = TestCommand::new("tshark")
        .args([
            "-n",
            "-2",
            "-X",
            "lua_script:x.lua",
            "-r",
            "a.pcap",
            "-Y",
            "df_x",
        ])
        .args(["-T", "fields", "-e", "df_x.a_b.c", "-e", "df_x.a_b.c_2"])
        .args(["-e", "df_x.a_b._1st", "-e", "df_x.a.b_c"])
        .dir(bench.path())
        .ok();
    assert!(!run.stderr().contains("Lua"), "{run}");
    let full = run
        .stdout()
        .lines()
        .any(|line| line.split('\t').all(|cell| !cell.is_empty()));
    assert!(full, "{run}");
    assert!(!bench.file("run").exists(), "a description was run");
}
