//! The stock framings give the same strings as Twisted's receivers, on random streams in random cuts, well-formed and not,
//! up to the place where Twisted drops the connection.
//!
//! Skips loudly where Python or Twisted is not installed; `.ci/run` installs it.

use std::sync::Arc;

use deframe::{
    framing::{Event, FrameTable, Framer, StreamEnd, StreamStart},
    protocol::Protocol,
};

use crate::support::{Random, TestCommand, has_peer};

const NAMES: [&str; 5] = ["line", "netstring", "int8", "int16", "int32"];
const STREAMS: usize = 300;

/// A stream of well-formed strings, of which every third is damaged afterwards, or cut off.
fn stream(name: &str, random: &mut Random) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..1 + random.below(12) {
        let length = [0, 1, 2, 9, 10, 100, 255][random.below(7)];
        let body: Vec<u8> = (0..length)
            .map(|_| b"ab\r\n0:1,\0\xff"[random.below(10)])
            .collect();
        match name {
            "line" => bytes.extend([body.as_slice(), b"\r\n"].concat()),
            "netstring" => bytes.extend([format!("{length}:").as_bytes(), &body, b","].concat()),
            "int8" => bytes.extend([&[length as u8], body.as_slice()].concat()),
            "int16" => bytes.extend([&(length as u16).to_be_bytes(), body.as_slice()].concat()),
            _ => bytes.extend([&(length as u32).to_be_bytes(), body.as_slice()].concat()),
        }
    }
    match random.below(6) {
        0 => {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
        }
        1 => bytes.truncate(random.below(bytes.len() + 1)),
        _ => {}
    }
    bytes
}

fn cut<'a>(mut bytes: &'a [u8], random: &mut Random) -> Vec<&'a [u8]> {
    let mut chunks = Vec::new();
    while !bytes.is_empty() {
        let (chunk, rest) = bytes.split_at((1 + random.below(40)).min(bytes.len()));
        chunks.push(chunk);
        bytes = rest;
    }
    chunks
}

/// The string in a frame.
fn string<'a>(name: &str, frame: &'a [u8]) -> &'a [u8] {
    match name {
        "line" => &frame[..frame.len() - 2],
        "netstring" => {
            let colon = frame.iter().position(|byte| *byte == b':').unwrap();
            &frame[colon + 1..frame.len() - 1]
        }
        "int8" => &frame[1..],
        "int16" => &frame[2..],
        _ => &frame[4..],
    }
}

/// What the framer finds before the first bytes that are no frame.
fn ours(name: &str, chunks: &[&[u8]]) -> Vec<String> {
    let table = Arc::new(FrameTable::new(&Protocol::named(name).unwrap().layout).unwrap());
    let mut framer = Framer::new(table, StreamStart::Known);
    let (mut strings, mut faulty) = (Vec::new(), false);
    let mut emit = |event: Event<'_>| {
        faulty |= !matches!(event, Event::Frames(_));
        for frame in event.frames().filter(|_| !faulty) {
            let bytes = string(name, frame.bytes);
            strings.push(bytes.iter().map(|byte| format!("{byte:02x}")).collect());
        }
    };
    for chunk in chunks {
        framer.feed(chunk, &mut emit);
    }
    framer.finish(StreamEnd::Open, &mut emit);
    strings
}

#[test]
fn stock_framings_are_those_of_twisted() {
    if !has_peer(&["python3", "-c", "import twisted"]) {
        return;
    }
    let mut random = Random(0x5eed_7715);
    let streams: Vec<_> = (0..STREAMS * NAMES.len())
        .map(|n| {
            (
                NAMES[n % NAMES.len()],
                stream(NAMES[n % NAMES.len()], &mut random),
            )
        })
        .collect();
    let cases: Vec<_> = streams
        .iter()
        .map(|(name, bytes)| (*name, cut(bytes, &mut random)))
        .collect();
    let hex = |bytes: &&[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let input: Vec<(&str, Vec<String>)> = cases
        .iter()
        .map(|(name, chunks)| (*name, chunks.iter().map(hex).collect()))
        .collect();
    let python = TestCommand::new("python3")
        .arg("tests/peers/receivers.py")
        .stdin(serde_json::to_vec(&input).unwrap())
        .ok();
    let theirs: Vec<Vec<String>> = serde_json::from_slice(python.bytes()).unwrap();
    assert_eq!(theirs.len(), cases.len());
    let mut strings = 0;
    for (at, ((name, chunks), theirs)) in cases.iter().zip(&theirs).enumerate() {
        assert_eq!(
            &ours(name, chunks),
            theirs,
            "stream {at}, {name}: {:?}",
            streams[at].1
        );
        strings += theirs.len();
    }
    assert!(strings > 5_000, "only {strings} strings");
}
