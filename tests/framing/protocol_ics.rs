//! The library's descriptions against captures of real devices: every frame of every stream must have the size that
//! an independent dissector found.
//!
//! Takes the folder of the captures from `DEFRAME_CAPTURES`; without it, it says that it skips.

use std::{collections::BTreeMap, net::IpAddr, path::Path, sync::Arc};

use deframe::{
    capture::{CaptureSet, Input, ReadConfig},
    decode::{Decoder, Endpoint},
    framing::{Event, FrameTable, Framer, StreamEnd, StreamStart},
    protocol::Protocol,
    tcp::{self, Begin, Chunk, Conflict, End, Gap, Reassembler, Sink, StreamId, StreamSummary},
};
use serde_json::Value;

use crate::support::shared_captures;
use sha2::{Digest, Sha256};

/// A stream as the oracle names it: its two ends, how many frames, and a hash of their sizes.
type Row = (String, String, u64, String);

/// Frame sizes of all streams.
struct Sizes {
    table: Arc<FrameTable>,
    open: BTreeMap<u32, Stream>,
    rows: Vec<Row>,
}

struct Stream {
    begin: Begin,
    framer: Framer,
    sizes: Vec<String>,
}

impl Sizes {
    fn with(&mut self, id: StreamId, act: impl FnOnce(&mut Framer, &mut dyn FnMut(Event<'_>))) {
        let stream = self.open.get_mut(&id.slot).expect("begin comes first");
        act(&mut stream.framer, &mut |event| {
            let sizes = event.frames().map(|frame| frame.bytes.len().to_string());
            stream.sizes.extend(sizes);
        });
    }
}

impl Sink for Sizes {
    fn begin(&mut self, id: StreamId, begin: &Begin) {
        let start = if begin.syn {
            StreamStart::Known
        } else {
            StreamStart::Unknown
        };
        let framer = Framer::new(self.table.clone(), start);
        self.open.insert(
            id.slot,
            Stream {
                begin: *begin,
                framer,
                sizes: Vec::new(),
            },
        );
    }

    fn chunk(&mut self, id: StreamId, chunk: &Chunk<'_>) {
        self.with(id, |framer, mut emit| {
            if chunk.segment_start {
                framer.mark();
            }
            framer.feed(chunk.data, &mut emit);
        });
    }

    fn gap(&mut self, id: StreamId, gap: &Gap) {
        self.with(id, |framer, mut emit| framer.gap(gap.length, &mut emit));
    }

    fn conflict(&mut self, _: StreamId, _: &Conflict<'_>) {}

    fn end(&mut self, id: StreamId, end: End) {
        let end = match end {
            End::Closed => StreamEnd::Closed,
            End::Open => StreamEnd::Open,
        };
        self.with(id, |framer, mut emit| framer.finish(end, &mut emit));
    }

    fn summary(&mut self, id: StreamId, _: &StreamSummary) {
        let stream = self.open.remove(&id.slot).expect("begin comes first");
        if stream.sizes.is_empty() {
            return;
        }
        let hash = format!("{:x}", Sha256::digest(stream.sizes.join(",")));
        let Begin { src, dst, .. } = stream.begin;
        self.rows.push((
            src.to_string(),
            dst.to_string(),
            stream.sizes.len() as u64,
            hash,
        ));
    }
}

/// The streams of a capture that touch these ports, framed.
fn framed(file: &Path, protocol: &str, ports: &[u16]) -> Vec<Row> {
    let protocol = Protocol::named(protocol).unwrap_or_else(|| panic!("no protocol {protocol}"));
    let table =
        Arc::new(FrameTable::new(&protocol.layout).expect("the library's layouts can be framed"));
    let mut sink = Sizes {
        table,
        open: BTreeMap::new(),
        rows: Vec::new(),
    };
    let mut captures = CaptureSet::new(vec![Input::Path(file.to_owned())], ReadConfig::default());
    let mut decoder = Decoder::default();
    let mut reassembler = Reassembler::new(tcp::TcpConfig::default());
    while let Some(packet) = captures.next_packet() {
        decoder.decode(&packet, &mut |segment| {
            if ports.contains(&segment.src.port) || ports.contains(&segment.dst.port) {
                reassembler.feed(segment, &mut sink);
            }
        });
    }
    reassembler.finish(&mut sink);
    sink.rows
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("no text {key} in {value}"))
}

/// An end as the oracle writes it, `address:port` without brackets, as [`Endpoint`] shows itself.
fn endpoint(text: &str) -> String {
    let (addr, port) = text.rsplit_once(':').expect("address:port");
    let (addr, port): (IpAddr, u16) = (addr.parse().expect("address"), port.parse().expect("port"));
    Endpoint {
        addr: addr.into(),
        port,
    }
    .to_string()
}

/// What is in one list and not in the other.
fn difference(mut want: Vec<Row>, mut have: Vec<Row>) -> Vec<String> {
    have.retain(|row| match want.iter().position(|other| other == row) {
        Some(at) => {
            want.swap_remove(at);
            false
        }
        None => true,
    });
    let missing = want
        .iter()
        .map(|(src, dst, n, hash)| format!("missing {src} > {dst} {n} {}", &hash[..8]));
    let extra = have
        .iter()
        .map(|(src, dst, n, hash)| format!("unexpected {src} > {dst} {n} {}", &hash[..8]));
    missing.chain(extra).collect()
}

#[test]
fn frames_of_real_devices() {
    let Some(folder) = shared_captures() else {
        return;
    };
    let oracle = std::fs::read_to_string(folder.join("ics.json")).expect("ics.json can be read");
    let oracle: BTreeMap<String, Value> = serde_json::from_str(&oracle).expect("ics.json is JSON");
    let (mut failed, mut frames) = (Vec::new(), 0);
    for (name, entry) in &oracle {
        let ports: Vec<u16> = serde_json::from_value(entry["ports"].clone()).expect("ports");
        let have = framed(
            &folder.join(text(entry, "file")),
            text(entry, "protocol"),
            &ports,
        );
        let streams = entry["streams"].as_array().expect("streams");
        let want = streams.iter().filter_map(|stream| {
            let frames = stream["pdus"].as_u64().filter(|n| *n > 0)?;
            let hash = text(stream, "pdu_sizes_sha256").to_owned();
            Some((
                endpoint(text(stream, "src")),
                endpoint(text(stream, "dst")),
                frames,
                hash,
            ))
        });
        frames += have.iter().map(|(_, _, frames, _)| frames).sum::<u64>();
        let problems = difference(want.collect(), have);
        if !problems.is_empty() {
            failed.push(format!(
                "{} {name}\n    {}",
                text(entry, "protocol"),
                problems.join("\n    ")
            ));
        }
    }
    assert!(
        failed.is_empty(),
        "{} of {} captures differ:\n{}",
        failed.len(),
        oracle.len(),
        failed.join("\n")
    );
    let told = oracle.values().filter_map(|entry| entry["pdus"].as_u64());
    assert_eq!(frames, told.sum::<u64>());
    assert!(frames > 0);
}
