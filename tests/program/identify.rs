//! `identify`: known protocols named, strangers not, and descriptions drafted for protocols made up here.

use std::{collections::BTreeMap, fs, path::Path};

use deframe::{
    framing::{Event, FrameTable, Framer, StreamEnd, StreamStart},
    identify::{self, Identified, Known, Sample},
    protocol::Protocol,
    tcp::Dir,
};
use serde_json::Value;

use crate::support::{Random, deframe, shared_captures};

/// A protocol made up, by one frame of it.
type Maker = fn(&mut Random) -> Vec<u8>;

fn fixed(rng: &mut Random) -> Vec<u8> {
    [&[0xA5, 0x5A][..], &rng.bytes(62)].concat()
}

fn length_big(rng: &mut Random) -> Vec<u8> {
    let n = 10 + rng.below(90);
    [&[0xEB, 0x90][..], &(n as u16).to_be_bytes(), &rng.bytes(n)].concat()
}

/// The length counts the whole frame and stands behind a type.
fn length_little(rng: &mut Random) -> Vec<u8> {
    let n = 20 + rng.below(200);
    let kind = [1, 2, 7][rng.below(3)];
    [
        &[0x55, kind][..],
        &(n as u32 + 6).to_le_bytes(),
        &rng.bytes(n),
    ]
    .concat()
}

fn delimited(rng: &mut Random) -> Vec<u8> {
    let n = 5 + rng.below(60);
    let text: Vec<u8> = (0..n).map(|_| b' ' + rng.below(90) as u8).collect();
    [&[0x02][..], &text, &[0x03]].concat()
}

fn two_types(rng: &mut Random) -> Vec<u8> {
    match rng.below(3) {
        0 => [&[0xC0, 0xDE][..], &rng.bytes(38)].concat(),
        _ => [&[0xBE, 0xEF][..], &rng.bytes(70)].concat(),
    }
}

const MADE_UP: &[(&str, Maker)] = &[
    ("fixed", fixed),
    ("length, most significant byte first", length_big),
    ("length, least significant byte first", length_little),
    ("delimited", delimited),
    ("two types", two_types),
];

/// How segments are cut: one frame each, several, or anywhere.
const CUTS: &[&str] = &["one", "several", "anywhere"];

fn sample(frames: &[Vec<u8>], cut: &str, rng: &mut Random, connection: u64) -> Sample {
    let mut segments = vec![0u32];
    let mut at = 0;
    for frame in frames {
        at += frame.len();
        if cut == "one" || cut == "several" && rng.below(3) == 0 {
            segments.push(at as u32);
        }
    }
    if cut == "anywhere" {
        segments.extend((1..at / 50).map(|_| rng.below(at) as u32));
        segments.sort_unstable();
        segments.dedup();
    }
    segments.retain(|&segment| (segment as usize) < at);
    Sample {
        connection,
        dir: Dir::C2s,
        port: 7777,
        syn: true,
        bytes: frames.concat(),
        segments,
        gaps: Vec::new(),
        more: false,
    }
}

/// Sizes of the frames that a description finds.
fn sizes(protocol: &Protocol, bytes: &[u8]) -> Vec<usize> {
    let mut framer = Framer::new(
        FrameTable::new(&protocol.layout).unwrap().into(),
        StreamStart::Known,
    );
    let mut sizes = Vec::new();
    let mut emit = |event: Event<'_>| {
        sizes.extend(event.frames().map(|frame| frame.bytes.len()));
    };
    framer.mark();
    framer.feed(bytes, &mut emit);
    framer.finish(StreamEnd::Closed, &mut emit);
    sizes
}

fn everything(samples: &[Sample]) -> Identified {
    let known: Vec<Known> = Vec::new();
    identify::identify(samples, &known).unwrap().remove(0)
}

#[test]
fn protocols_made_up_are_described() {
    for (name, make) in MADE_UP {
        for cut in CUTS {
            for seed in 1..=5 {
                let mut rng = Random(seed * 77_777);
                let streams: Vec<Vec<Vec<u8>>> = (0..3)
                    .map(|_| (0..80).map(|_| make(&mut rng)).collect())
                    .collect();
                let samples: Vec<Sample> = (0..)
                    .zip(&streams)
                    .map(|(n, frames)| sample(frames, cut, &mut rng, n))
                    .collect();
                let findings = identify::identify(&samples, &identify::known()).unwrap();
                assert!(
                    findings.iter().all(|finding| finding.best.is_none()),
                    "{name}, {cut}: {:?}",
                    findings[0].best
                );
                let draft = identify::draft(&samples, &everything(&samples))
                    .unwrap_or_else(|| panic!("{name}, {cut}: no draft"));
                let protocol = Protocol::parse(&draft.text, "draft").unwrap();
                for frames in &streams {
                    let want: Vec<usize> = frames.iter().map(Vec::len).collect();
                    assert_eq!(
                        sizes(&protocol, &frames.concat()),
                        want,
                        "{name}, {cut}, seed {seed}: {}",
                        draft.text
                    );
                }
            }
        }
    }
}

/// What one stream happens to begin with is no header.
#[test]
fn junk_in_front_is_not_described() {
    for seed in 1..=5 {
        let mut rng = Random(seed * 4_321);
        let mut streams: Vec<Vec<Vec<u8>>> = (0..3)
            .map(|_| (0..80).map(|_| two_types(&mut rng)).collect())
            .collect();
        streams[0].insert(0, rng.bytes(30 + seed as usize));
        let samples: Vec<Sample> = (0..)
            .zip(&streams)
            .map(|(n, frames)| sample(frames, "anywhere", &mut rng, n))
            .collect();
        let draft = identify::draft(&samples, &everything(&samples)).expect("a draft");
        let protocol = Protocol::parse(&draft.text, "draft").unwrap();
        let want: Vec<usize> = streams[0].iter().skip(1).map(Vec::len).collect();
        let found = sizes(&protocol, &streams[0].concat());
        assert_eq!(found, want, "seed {seed}: {}", draft.text);
    }
}

/// Bytes over 0x7F are no text unless they are UTF-8, line feeds or not.
#[test]
fn noise_is_no_text() {
    let known = identify::known();
    for seed in 1..=20 {
        let mut rng = Random(seed * 99);
        let high = |byte| byte | 0x80;
        let line =
            |bytes: Vec<u8>| [bytes.into_iter().map(high).collect(), b"\r\n".to_vec()].concat();
        let noise: Vec<Vec<u8>> = (0..40).map(|_| line(rng.bytes(60))).collect();
        let samples = [sample(&noise, "several", &mut rng, 0)];
        for finding in identify::identify(&samples, &known).unwrap() {
            let framing = finding
                .framing
                .map(|found| &known[found.protocol].protocol.name);
            assert_ne!(framing.map(String::as_str), Some("line"), "seed {seed}");
        }
    }
}

#[test]
fn noise_has_no_description() {
    let mut rng = Random(99);
    for round in 0..10 {
        let noise: Vec<Vec<u8>> = (0..100)
            .map(|_| {
                let n = 40 + rng.below(100);
                rng.bytes(n)
            })
            .collect();
        let samples = [sample(&noise, CUTS[round % 3], &mut rng, 0)];
        let finding = &identify::identify(&samples, &identify::known()).unwrap()[0];
        assert!(finding.best.is_none(), "{:?}", finding.best);
        let draft = identify::draft(&samples, finding);
        assert!(draft.is_none(), "{}", draft.unwrap().text);
    }
}

fn run(words: &[&str]) -> String {
    let run = deframe().args(words).run();
    assert!(run.status() < Some(2), "{run}");
    run.stdout().to_owned()
}

fn findings(capture: &Path) -> Vec<Value> {
    let text = run(&[
        "identify",
        "--format",
        "ndjson",
        "-q",
        capture.to_str().unwrap(),
    ]);
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Offset and length of every frame, by stream.
fn frames(capture: &str, protocol: &str) -> BTreeMap<(u64, String), Vec<(u64, u64)>> {
    let mut frames = BTreeMap::<_, Vec<_>>::new();
    for line in run(&[
        "export",
        "-q",
        "--payload",
        "none",
        "--protocol",
        protocol,
        capture,
    ])
    .lines()
    {
        let frame: Value = serde_json::from_str(line).unwrap();
        let stream = (
            frame["connection"].as_u64().unwrap(),
            frame["dir"].to_string(),
        );
        frames.entry(stream).or_default().push((
            frame["offset"].as_u64().unwrap(),
            frame["length"].as_u64().unwrap(),
        ));
    }
    frames
}

/// From a capture alone to a description that finds what the device protocol's own does.
#[test]
fn the_device_protocol_drafted_from_a_simulated_capture() {
    let folder = tempfile::tempdir().unwrap();
    let (capture, draft) = (
        folder.path().join("unknown.pcap"),
        folder.path().join("draft.toml"),
    );
    let (capture, draft) = (capture.to_str().unwrap(), draft.to_str().unwrap());
    for (seed, options) in [
        ("1", &[][..]),
        ("5", &["--payload", "counter"]),
        ("2", &["--messages"]),
        ("3", &["--segmentation", "random", "--devices", "2"]),
        (
            "4",
            &["--payload", "ascii", "--devices", "1", "--frames", "60"],
        ),
    ] {
        run(&[&["simulate", "-o", capture, "--seed", seed], options].concat());
        run(&["identify", "-q", "--draft", draft, capture]);
        let want = frames(capture, "fd");
        assert!(!want.is_empty());
        assert_eq!(
            frames(capture, draft),
            want,
            "{options:?}: {}",
            fs::read_to_string(draft).unwrap()
        );
        fs::remove_file(draft).unwrap();
    }
}

/// Who gets no draft is told why, or how to get one.
#[test]
fn unknown_and_no_draft() {
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("unknown.pcap");
    let capture = capture.to_str().unwrap();
    let meter = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/meter.toml");
    for (options, hint) in [
        (
            &["--segmentation", "random"][..],
            Some("port 9000: a stock framing fits"),
        ),
        (
            &["--frames", "1", "--devices", "1"],
            Some("port 9000: no structure shows"),
        ),
        (&[], None),
    ] {
        run(&[
            &["simulate", "-q", "-o", capture, "--protocol", meter],
            options,
        ]
        .concat());
        let text = run(&["identify", capture]);
        let found = text.lines().find(|line| line.starts_with("port 9000: "));
        match hint {
            Some(hint) => assert!(found.is_some_and(|line| line.starts_with(hint)), "{text}"),
            None => assert!(found.is_none() && text.contains("[[frame]]"), "{text}"),
        }
    }
}

/// The capture's protocol comes first, on 95 % of the captures at least.
#[test]
fn known_protocols_are_named() {
    let Some(folder) = shared_captures() else {
        return;
    };
    let table: Value = serde_json::from_slice(&fs::read(folder.join("ics.json")).unwrap()).unwrap();
    let mut wrong = Vec::new();
    let table = table.as_object().unwrap();
    for entry in table.values() {
        let found = findings(&folder.join(entry["file"].as_str().unwrap()));
        if found.first().map(|first| &first["protocol"]) != Some(&entry["protocol"]) {
            wrong.push(entry["file"].to_string());
        }
    }
    assert!(
        wrong.len() * 20 <= table.len(),
        "{} of {}: {wrong:?}",
        wrong.len(),
        table.len()
    );
}

/// On other streams nothing is named but what really speaks there: two captures of MySQL and one of Redis.
#[test]
fn strangers_stay_unknown() {
    let Some(folder) = shared_captures() else {
        return;
    };
    let really = [("pcapng-example", 3306, "mysql"), ("pubsub", 6379, "redis")];
    let mut looked = 0;
    for path in fs::read_dir(folder.join("tcp"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let run = deframe()
            .args(["identify", "-q", "--format", "ndjson"])
            .arg(&path)
            .run();
        for found in run.ndjson() {
            looked += 1;
            let right = really.iter().any(|(capture, port, protocol)| {
                name.contains(capture) && found["port"] == *port && found["protocol"] == *protocol
            });
            assert!(found["protocol"].is_null() || right, "{name}: {found}");
        }
    }
    assert!(looked > 60, "{looked}");
}

#[test]
fn the_summary_says_what_speaks() {
    let mut rng = Random(5);
    let adu = |n: u16| [&n.to_be_bytes()[..], &[0, 0, 0, 6, 1, 3, 0, 1, 0, 2]].concat();
    let modbus: Vec<Vec<u8>> = (0..20).map(adu).collect();
    let mut samples = vec![sample(&modbus, "one", &mut rng, 0)];
    samples[0].port = 502;
    let noise = vec![rng.bytes(300)];
    samples.push(sample(&noise, "one", &mut rng, 1));
    assert_eq!(
        identify::summary(&samples),
        [
            "port 502: 1 stream of modbus; try --protocol modbus --port 502",
            "port 7777: 1 stream of no known protocol; `deframe identify` may draft a description",
        ]
    );
    assert!(identify::summary(&[]).is_empty());
}
