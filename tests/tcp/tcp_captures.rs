//! Streams of public captures against what two independent oracles found in them, and conservation on all of them.
//!
//! The captures lie in the folder that `DEFRAME_CAPTURES` names; without it these tests say that they skip.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use deframe::{
    capture::{CaptureSet, Input, ReadConfig},
    decode::{self, Decoder, Endpoint},
    tcp::{
        Begin, Chunk, Conflict, Dir, End, Gap, Reassembler, Sink, StreamId, StreamSummary,
        TcpConfig,
    },
};
use serde_json::Value;

use crate::support::shared_captures;
use sha2::{Digest, Sha256};

/// One stream as emitted.
struct Emitted {
    src: Endpoint,
    dst: Endpoint,
    sha: Sha256,
    bytes: u64,
    /// Offset of what comes next.
    next: u64,
    gaps: Vec<(u64, u64)>,
    ends: Vec<End>,
    summary: Option<StreamSummary>,
    conflicts: u64,
}

/// Takes all streams down, and checks the order of the calls on the way.
#[derive(Default)]
struct Collector(BTreeMap<(u64, Dir), Emitted>);

impl Collector {
    fn open(&mut self, stream: StreamId) -> &mut Emitted {
        let emitted = self
            .0
            .get_mut(&(stream.connection, stream.dir))
            .expect("begun");
        assert!(
            emitted.summary.is_none(),
            "{stream:?} goes on after its summary"
        );
        emitted
    }
}

impl Sink for Collector {
    fn begin(&mut self, stream: StreamId, begin: &Begin) {
        let emitted = Emitted {
            src: begin.src,
            dst: begin.dst,
            sha: Sha256::new(),
            bytes: 0,
            next: 0,
            gaps: Vec::new(),
            ends: Vec::new(),
            summary: None,
            conflicts: 0,
        };
        assert!(
            self.0
                .insert((stream.connection, stream.dir), emitted)
                .is_none(),
            "{stream:?} begins twice"
        );
    }

    fn chunk(&mut self, stream: StreamId, chunk: &Chunk<'_>) {
        let emitted = self.open(stream);
        assert_eq!(chunk.offset, emitted.next, "{stream:?}");
        assert!(!chunk.data.is_empty());
        emitted.sha.update(chunk.data);
        emitted.bytes += chunk.data.len() as u64;
        emitted.next += chunk.data.len() as u64;
    }

    fn gap(&mut self, stream: StreamId, gap: &Gap) {
        let emitted = self.open(stream);
        assert_eq!(gap.offset, emitted.next, "{stream:?}");
        assert!(gap.length > 0);
        emitted.gaps.push((gap.offset, gap.length));
        emitted.next += gap.length;
    }

    fn conflict(&mut self, stream: StreamId, conflict: &Conflict<'_>) {
        let emitted = self.open(stream);
        assert_eq!(conflict.kept.len(), conflict.refused.len());
        assert_ne!(conflict.kept.first(), conflict.refused.first());
        emitted.conflicts += conflict.length;
    }

    fn end(&mut self, stream: StreamId, end: End) {
        self.open(stream).ends.push(end);
    }

    fn summary(&mut self, stream: StreamId, summary: &StreamSummary) {
        let emitted = self.open(stream);
        assert!(!emitted.ends.is_empty(), "{stream:?} has no end");
        assert_eq!(emitted.bytes, summary.counts.bytes);
        assert_eq!(
            summary.counts.payload_bytes,
            summary.counts.bytes
                + summary.counts.retransmitted_bytes
                + summary.counts.outside.total(),
            "{stream:?}: every byte is accounted for"
        );
        assert_eq!(
            emitted.gaps.iter().map(|g| g.1).sum::<u64>(),
            summary.counts.gap_bytes
        );
        assert_eq!(
            emitted.conflicts, summary.counts.conflict_bytes,
            "{stream:?}"
        );
        emitted.summary = Some(summary.clone());
    }
}

/// Every stream of some captures, and the TCP payload that they hold.
fn streams(files: &[PathBuf]) -> (Collector, u64) {
    let inputs = files.iter().map(|f| Input::Path(f.clone())).collect();
    let mut set = CaptureSet::new(inputs, ReadConfig::default());
    let mut decoder = Decoder::new(decode::DecodeConfig::default());
    let mut tcp = Reassembler::new(TcpConfig::default());
    let (mut sink, mut payload) = (Collector::default(), 0);
    while let Some(packet) = set.next_packet() {
        decoder.decode(&packet, &mut |segment| {
            payload += segment.payload.len() as u64;
            tcp.feed(segment, &mut sink);
        });
    }
    tcp.finish(&mut sink);
    assert_eq!(tcp.stats().held, 0, "{files:?}");
    (sink, payload)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// As the judge compares: (sender, receiver, bytes, SHA-256, gap bytes that are not behind the last byte).
type Row = (String, String, u64, String, u64);

fn found(emitted: &Collector) -> Vec<Row> {
    let mut rows = Vec::new();
    for t in emitted.0.values().filter(|t| t.bytes > 0) {
        let end = t.next;
        let inner = t
            .gaps
            .iter()
            .filter(|(at, n)| at + n < end)
            .map(|g| g.1)
            .sum();
        rows.push((
            t.src.to_string(),
            t.dst.to_string(),
            t.bytes,
            hex(&t.sha.clone().finalize()),
            inner,
        ));
    }
    rows.sort();
    rows
}

fn wanted(entry: &Value) -> Vec<Row> {
    let endpoint = |side: &Value| {
        let addr: std::net::IpAddr = side["addr"].as_str().unwrap().parse().unwrap();
        Endpoint {
            addr: addr.into(),
            port: side["port"].as_u64().unwrap() as u16,
        }
        .to_string()
    };
    let mut rows = Vec::new();
    for s in entry["oracle"]["streams"].as_array().unwrap() {
        for (me, peer) in [("a", "b"), ("b", "a")] {
            let map = &s[me]["seqmap"];
            let len = map["len"].as_u64().unwrap_or(0);
            if len > 0 {
                let sha = map["sha256"].as_str().unwrap().to_string();
                rows.push((
                    endpoint(&s[me]),
                    endpoint(&s[peer]),
                    len,
                    sha,
                    map["gap_bytes"].as_u64().unwrap(),
                ));
            }
        }
    }
    rows.sort();
    rows
}

/// Rows of `a` that are not in `b`, each counted.
fn without(a: &[Row], b: &[Row]) -> Vec<Row> {
    let mut rest = b.to_vec();
    let mut left = a.to_vec();
    left.retain(|row| match rest.iter().position(|r| r == row) {
        Some(at) => {
            rest.swap_remove(at);
            false
        }
        None => true,
    });
    left
}

fn read_json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn streams_are_those_of_the_oracles() {
    let Some(folder) = shared_captures() else {
        return;
    };
    let cases = read_json(&folder.join("tcp.json"));
    let (mut failed, mut judged) = (Vec::new(), 0);
    for (name, entry) in cases.as_object().unwrap() {
        let files: Vec<_> = entry["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| folder.join(f.as_str().unwrap()))
            .collect();
        let (emitted, payload) = streams(&files);
        let all: u64 = emitted
            .0
            .values()
            .map(|t| t.summary.as_ref().unwrap().counts.payload_bytes)
            .sum();
        assert_eq!(all, payload, "{name}: payload");
        if entry["use"] == "policy" {
            let s = || emitted.0.values().map(|t| t.summary.as_ref().unwrap());
            let flagged = s().any(|s| {
                s.counts.conflict_bytes + s.counts.outside.total() + s.counts.keepalives > 0
                    || s.after_fin
            });
            if !flagged && !name.contains("amsdu") {
                failed.push(format!("{name}: the oddity is not flagged"));
            }
            continue;
        }
        judged += 1;
        let (want, have) = (wanted(entry), found(&emitted));
        let missing = without(&want, &have);
        let capped = entry["oracle"]["streams"].as_array().unwrap().len() >= 200;
        let surplus = if capped {
            Vec::new()
        } else {
            without(&have, &want)
        };
        if !missing.is_empty() || !surplus.is_empty() {
            let show = |rows: &[Row]| {
                rows.iter()
                    .take(3)
                    .map(|r| format!("\n    {r:?}"))
                    .collect::<String>()
            };
            failed.push(format!(
                "{name}\n  missing{}\n  surplus{}",
                show(&missing),
                show(&surplus)
            ));
        }
    }
    assert!(judged > 50, "only {judged} cases judged");
    assert!(
        failed.is_empty(),
        "{} of {judged} failed\n{}",
        failed.len(),
        failed.join("\n")
    );
}

#[test]
fn every_byte_of_every_capture_is_accounted_for() {
    let Some(folder) = shared_captures() else {
        return;
    };
    let mut files = 0;
    for room in ["ics", "fd"] {
        for entry in fs::read_dir(folder.join(room)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "json" || e == "md") {
                continue;
            }
            let (emitted, payload) = streams(std::slice::from_ref(&path));
            let all: u64 = emitted
                .0
                .values()
                .map(|t| t.summary.as_ref().unwrap().counts.payload_bytes)
                .sum();
            assert_eq!(all, payload, "{}: payload", path.display());
            files += 1;
        }
    }
    assert!(files > 50);
}
