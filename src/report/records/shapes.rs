//! The JSON shapes: every record that leaves the program, its keys in their order. DESIGN: keys are always present,
//! null where unknown; bytes are lower-case hex; no number is over 2^53.

use deframe::{
    capture::Time,
    pipeline::{FaultRecord, FrameRecord, StreamRef},
    protocol::Protocol,
    tcp::{Gap, StreamSummary},
};
use serde::Serialize;

use super::values::{Bytes, Cuts, Encoding, Fields, Shown};
use crate::report::flags::Flags;
use crate::report::text::{Rfc3339, describe};

/// Which stream a record belongs to: the first keys of every record.
#[derive(Serialize)]
pub struct Head<'a> {
    pub schema: &'static str,
    pub capture: &'a str,
    pub connection: u64,
    pub dir: &'static str,
    pub src: Shown<deframe::decode::Addr>,
    pub sport: u16,
    pub dst: Shown<deframe::decode::Addr>,
    pub dport: u16,
}

impl<'a> Head<'a> {
    pub fn new(schema: &'static str, capture: &'a str, origin: StreamRef<'_>) -> Self {
        let begin = origin.begin;
        Self {
            schema,
            capture,
            connection: origin.id.connection,
            dir: origin.id.dir.name(),
            src: Shown(begin.src.addr),
            sport: begin.src.port,
            dst: Shown(begin.dst.addr),
            dport: begin.dst.port,
        }
    }
}

/// A moment, in three forms.
#[derive(Serialize)]
pub struct When {
    pub time: Option<Shown<Rfc3339>>,
    pub sec: Option<i64>,
    pub nsec: Option<u32>,
}

impl From<Option<Time>> for When {
    fn from(time: Option<Time>) -> Self {
        Self {
            time: time.map(|time| Shown(Rfc3339(time))),
            sec: time.map(Time::sec),
            nsec: time.map(Time::nsec),
        }
    }
}

/// `deframe.frame/1`
#[derive(Serialize)]
pub struct Frame<'a> {
    #[serde(flatten)]
    pub head: Head<'a>,
    pub index: u64,
    #[serde(rename = "type")]
    pub kind: &'a str,
    pub offset: u64,
    pub length: u64,
    #[serde(flatten)]
    pub when: When,
    pub took_ns: Option<i64>,
    pub first_packet: u64,
    pub last_packet: u64,
    pub segments: u32,
    pub cuts: Cuts<'a>,
    pub flags: Flags,
    pub payload: Option<Bytes<'a>>,
    pub fields: Option<Fields<'a>>,
}

impl<'a> Frame<'a> {
    pub const SCHEMA: &'static str = "deframe.frame/1";

    pub fn new(
        protocol: &'a Protocol,
        capture: &'a str,
        origin: StreamRef<'_>,
        frame: &'a FrameRecord<'a>,
        payload: Encoding,
    ) -> Self {
        let kind = protocol.frames.get(frame.kind);
        let range = kind.map_or(0..0, |kind| kind.payload_range(frame.bytes.len()));
        Self {
            head: Head::new(Self::SCHEMA, capture, origin),
            index: frame.index,
            kind: kind.map_or("", |kind| &kind.name),
            offset: frame.offset,
            length: frame.bytes.len() as u64,
            when: frame.place.time.into(),
            took_ns: frame.place.took_ns(),
            first_packet: frame.place.first_packet,
            last_packet: frame.place.last_packet,
            segments: frame.place.segments,
            cuts: Cuts(frame.place.spans),
            flags: Flags::of(&frame.place).with("bad_checksum", !frame.checksum_ok),
            payload: payload.of(frame.bytes.get(range).unwrap_or_default()),
            fields: kind
                .filter(|kind| !kind.fields.is_empty())
                .map(|kind| Fields(&kind.fields, frame.bytes)),
        }
    }
}

/// `deframe.fault/1`
#[derive(Serialize)]
pub struct Fault<'a> {
    #[serde(flatten)]
    pub head: Head<'a>,
    pub kind: &'static str,
    pub offset: u64,
    pub length: u64,
    #[serde(flatten)]
    pub when: When,
    pub first_packet: u64,
    pub last_packet: u64,
    pub expected: Option<String>,
    pub found: Option<String>,
    pub hint: Option<String>,
    pub data: Bytes<'a>,
    pub flags: Flags,
}

impl<'a> Fault<'a> {
    pub const SCHEMA: &'static str = "deframe.fault/1";

    pub fn new(
        protocol: &Protocol,
        capture: &'a str,
        origin: StreamRef<'_>,
        fault: &'a FaultRecord<'a>,
    ) -> Self {
        let said = describe::describe(protocol, fault);
        Self {
            head: Head::new(Self::SCHEMA, capture, origin),
            kind: fault.kind.name(),
            offset: fault.offset,
            length: fault.length,
            when: fault.place.time.into(),
            first_packet: fault.place.first_packet,
            last_packet: fault.place.last_packet,
            expected: said.expected,
            found: said.found,
            hint: said.hint,
            data: Bytes(fault.head, Encoding::Hex),
            flags: Flags::of(&fault.place),
        }
    }
}

/// `deframe.gap/1`
#[derive(Serialize)]
pub struct GapShape<'a> {
    #[serde(flatten)]
    pub head: Head<'a>,
    pub cause: &'static str,
    pub offset: u64,
    pub length: u64,
    pub first_packet: u64,
    #[serde(flatten)]
    pub when: When,
    pub flags: Flags,
}

impl<'a> GapShape<'a> {
    pub const SCHEMA: &'static str = "deframe.gap/1";

    pub fn new(capture: &'a str, origin: StreamRef<'_>, gap: &Gap) -> Self {
        Self {
            head: Head::new(Self::SCHEMA, capture, origin),
            cause: gap.cause.name(),
            offset: gap.offset,
            length: gap.length,
            first_packet: gap.packet,
            when: gap.time.into(),
            flags: Flags::default().with("buffer_limit", gap.forced),
        }
    }
}

/// `deframe.stream/1`
#[derive(Serialize)]
pub struct Stream<'a> {
    #[serde(flatten)]
    pub head: Head<'a>,
    pub first_packet: u64,
    pub last_packet: u64,
    pub time: Option<Shown<Rfc3339>>,
    pub end_time: Option<Shown<Rfc3339>>,
    pub packets: u64,
    pub segments: u64,
    pub bytes: u64,
    pub gap_count: u64,
    pub gap_bytes: u64,
    pub gaps: &'a [(u64, u64)],
    pub retransmitted_segments: u64,
    pub out_of_order_segments: u64,
    pub conflict_bytes: u64,
    pub syn: bool,
    pub fin: bool,
    pub rst: bool,
    pub frames: u64,
    pub faults: u64,
    pub flags: Flags,
    pub sha256: Option<String>,
}

impl<'a> Stream<'a> {
    pub const SCHEMA: &'static str = "deframe.stream/1";

    pub fn new(
        head: Head<'a>,
        summary: &StreamSummary,
        gaps: &'a [(u64, u64)],
        (frames, faults): (u64, u64),
        sha256: Option<String>,
    ) -> Self {
        Self {
            head,
            first_packet: summary.first_packet,
            last_packet: summary.last_packet,
            time: summary.time.map(|time| Shown(Rfc3339(time))),
            end_time: summary.end_time.map(|time| Shown(Rfc3339(time))),
            packets: summary.counts.packets,
            segments: summary.counts.segments,
            bytes: summary.counts.bytes,
            gap_count: summary.counts.gap_count,
            gap_bytes: summary.counts.gap_bytes,
            gaps,
            retransmitted_segments: summary.counts.retransmitted_segments,
            out_of_order_segments: summary.counts.out_of_order_segments,
            conflict_bytes: summary.counts.conflict_bytes,
            syn: summary.syn,
            fin: summary.fin,
            rst: summary.rst,
            frames,
            faults,
            flags: Flags::of_stream(summary),
            sha256,
        }
    }
}
