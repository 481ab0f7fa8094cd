//! What a simulated capture holds: the answers that a reader of it must find.
//!
//! Offsets are stream offsets, gaps counted. All of it is told by what the capture holds, not by what was sent,
//! unless it says so.

use std::collections::BTreeSet;

use super::{Incident, ranges::Ranges};
use crate::{capture::Time, decode::Endpoint};

/// What a device garbled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// One byte of the header is another, and no header is left.
    BadHeader,
    /// One byte of the end marker is another.
    BadEndMarker,
    /// Header and end marker right, bytes of the payload missing.
    ShortFrame,
    /// Header and end marker right, bytes too many between.
    LongFrame,
    /// Bytes between frames.
    Junk,
    /// The last frame of a connection, its end missing.
    TruncatedEnd,
}

/// One thing that a device garbled. Faults that touch are one to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What.
    pub kind: FaultKind,
    /// Index of the frame type that it was to be.
    pub frame: Option<usize>,
    /// Stream offset of its first byte.
    pub offset: u64,
    /// How many bytes were sent of it.
    pub length: u64,
}

/// A frame that the capture holds whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Index of its type in the layout.
    pub kind: usize,
    /// Stream offset of its first byte.
    pub offset: u64,
    /// Its size on the wire.
    pub length: u32,
    /// Header, payload, end marker, if payloads are wanted.
    pub bytes: Option<Vec<u8>>,
    /// Lowest number among the packets that brought bytes of it first.
    pub first_packet: u64,
    /// Highest number among them.
    pub last_packet: u64,
    /// How many they are.
    pub segments: u32,
    /// Places inside the frame where the bytes of another packet begin.
    pub cuts: Vec<u32>,
    /// Time of `first_packet`.
    pub time: Time,
    /// From there to `last_packet`, in nanoseconds.
    pub took: i64,
}

/// A good frame that was sent, but is not whole in the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Index of its type in the layout.
    pub kind: usize,
    /// Stream offset of its first byte.
    pub offset: u64,
    /// Its size on the wire.
    pub length: u32,
    /// How many of its bytes the capture holds.
    pub captured: u32,
}

/// Bytes that were sent and that the capture does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Stream offset of the first one.
    pub offset: u64,
    /// How many.
    pub length: u64,
    /// How many of them the capture proves: by later bytes, a FIN, an acknowledgement or a length on the wire.
    pub visible: u64,
}

/// Packets of one connection, counted. Those of the device's data unless it says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All packets captured, both directions.
    pub packets: u64,
    /// Packets with payload, keep-alives and copies by the mirror port included.
    pub data: u64,
    /// Those that brought bytes first.
    pub segments: u64,
    /// Sent again: all of it was in the capture before; mirrored copies, keep-alives and conflicts not counted.
    pub retransmitted: u64,
    /// Brought both old bytes and new ones.
    pub partial: u64,
    /// Brought bytes below others that were in the capture before.
    pub out_of_order: u64,
    /// Captured twice, both directions.
    pub duplicates: u64,
    /// Keep-alives, with a byte of garbage and without.
    pub keepalives: u64,
    /// Sent again with other bytes.
    pub conflicts: u64,
    /// Wrong TCP checksums, both directions.
    pub bad_checksums: u64,
    /// Pure acknowledgements of the server.
    pub acks: u64,
    /// Answers of the server.
    pub replies: u64,
    /// Segments that the capture missed.
    pub dropped: u64,
    /// Segments lost before the place of capture.
    pub lost: u64,
    /// Segments held back so that others overtake them.
    pub reordered: u64,
    /// Packets cut by the snap length, both directions.
    pub cut_short: u64,
    /// Segments that arrived with a bit error; they are in no other count but `packets` and `bad_checksums`.
    pub bit_errors: u64,
    /// Acknowledgements of the server with a receive window of 0.
    pub zero_windows: u64,
    /// Keep-alives of the server.
    pub probes: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.packets += other.packets;
        self.data += other.data;
        self.segments += other.segments;
        self.retransmitted += other.retransmitted;
        self.partial += other.partial;
        self.out_of_order += other.out_of_order;
        self.duplicates += other.duplicates;
        self.keepalives += other.keepalives;
        self.conflicts += other.conflicts;
        self.bad_checksums += other.bad_checksums;
        self.acks += other.acks;
        self.replies += other.replies;
        self.dropped += other.dropped;
        self.lost += other.lost;
        self.reordered += other.reordered;
        self.cut_short += other.cut_short;
        self.bit_errors += other.bit_errors;
        self.zero_windows += other.zero_windows;
        self.probes += other.probes;
    }
}

/// One connection, told by what its device sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Number of the connection, from 0 by its first packet; none if the capture has no packet of it.
    pub connection: Option<u64>,
    /// Which connection of its device it is, from 0.
    pub nth: u32,
    /// The device.
    pub client: Endpoint,
    /// The server.
    pub server: Endpoint,
    /// Whether the capture has the SYN.
    pub syn: bool,
    /// Whether it has the device's FIN.
    pub fin: bool,
    /// Whether it has a RST.
    pub rst: bool,
    /// Sequence number of offset 0.
    pub base_seq: u32,
    /// Number of its first packet, either direction; 0 if there is none.
    pub first_packet: u64,
    /// Number of its last packet, either direction; 0 if there is none.
    pub last_packet: u64,
    /// Bytes that the device sent.
    pub sent: u64,
    /// Bytes of them that the capture holds.
    pub captured: u64,
    /// Bytes before the first frame, where the capture begins inside one.
    pub leading: u64,
    /// Bytes that the server sent; the capture holds all of them or, one-way, none.
    pub reverse: u64,
    /// Frames held whole, in stream order.
    pub frames: Vec<Frame>,
    /// Good frames not held whole, in stream order.
    pub lost: Vec<Lost>,
    /// What the device garbled, in stream order, whether captured or not.
    pub faults: Vec<Fault>,
    /// Bytes not held, in stream order.
    pub gaps: Vec<Gap>,
    /// Offsets of the messages held whole and back to back.
    pub messages: Vec<u64>,
    /// What happened to the connection.
    pub incidents: Vec<Incident>,
    /// Its packets.
    pub counts: Counts,
}

/// All streams together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Packets of the capture.
    pub packets: u64,
    /// Bytes of the capture file.
    pub bytes: u64,
    /// Connections.
    pub connections: u64,
    /// Bytes that devices sent.
    pub sent: u64,
    /// Bytes of them that the capture holds.
    pub captured: u64,
    /// Good frames sent, by type.
    pub sent_frames: Vec<u64>,
    /// Faults made.
    pub faults: u64,
    /// Packets of all streams.
    pub counts: Counts,
    /// Frames held whole, by type; empty without truth.
    pub frames: Vec<u64>,
    /// Good frames not held whole; 0 without truth.
    pub lost: u64,
    /// Messages held whole; 0 without truth.
    pub messages: u64,
    /// Gaps.
    pub gaps: u64,
    /// Bytes in gaps.
    pub gap_bytes: u64,
}

/// What a simulated capture holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    /// All streams together.
    pub totals: Totals,
    /// Every stream, by number of the connection; empty if no truth is wanted.
    pub streams: Vec<Stream>,
}

/// A good frame that was sent.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) kind: usize,
    pub(super) offset: u64,
    pub(super) length: u32,
    pub(super) bytes: Option<Vec<u8>>,
}

/// Bytes of a stream that one packet brought first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Brought {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) packet: u64,
    pub(super) time: Time,
}

/// What is noted while a connection lasts.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    pub(super) sent: Vec<Sent>,
    pub(super) faults: Vec<Fault>,
    pub(super) brought: Vec<Brought>,
}

/// Tells frames held whole from lost ones.
pub(super) fn judge(notes: Notes, held: &Ranges) -> (Vec<Frame>, Vec<Lost>) {
    let Notes {
        sent, mut brought, ..
    } = notes;
    brought.sort_by_key(|piece| piece.from);
    let mut frames = Vec::with_capacity(sent.len());
    let mut lost = Vec::new();
    for sent in sent {
        let Sent {
            kind,
            offset,
            length,
            ..
        } = sent;
        let end = offset + u64::from(length);
        if held.covers(offset, end) {
            frames.push(frame(sent, &brought));
        } else {
            let captured = held.count(offset, end) as u32;
            lost.push(Lost {
                kind,
                offset,
                length,
                captured,
            });
        }
    }
    (frames, lost)
}

/// The packets of a frame, all of whose bytes were brought.
fn frame(sent: Sent, brought: &[Brought]) -> Frame {
    let Sent {
        kind,
        offset,
        length,
        bytes,
    } = sent;
    let end = offset + u64::from(length);
    let first = brought.partition_point(|piece| piece.to <= offset);
    let pieces = || brought[first..].iter().take_while(|piece| piece.from < end);
    let packets: BTreeSet<(u64, Time)> = pieces().map(|piece| (piece.packet, piece.time)).collect();
    let start = Time::from_nanos(0);
    let (first_packet, time) = packets.first().copied().unwrap_or((0, start));
    let (last_packet, last_time) = packets.last().copied().unwrap_or((0, start));
    let borders = pieces()
        .zip(pieces().skip(1))
        .filter(|(a, b)| a.packet != b.packet);
    let cuts = borders.map(|(_, b)| (b.from - offset) as u32).collect();
    let segments = packets.len() as u32;
    let took = last_time.since(time);
    Frame {
        kind,
        offset,
        length,
        bytes,
        first_packet,
        last_packet,
        segments,
        cuts,
        time,
        took,
    }
}

/// Offsets at which all frames of one of these messages follow each other without a byte between.
pub(super) fn messages(frames: &[Frame], messages: &[Vec<usize>]) -> Vec<u64> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = frames.get(at..).filter(|rest| !rest.is_empty()) {
        let length = messages
            .iter()
            .filter(|message| follows(rest, message))
            .map(Vec::len)
            .max();
        match length {
            Some(length) if length > 0 => {
                found.push(rest[0].offset);
                at += length;
            }
            _ => at += 1,
        }
    }
    found
}

fn follows(frames: &[Frame], message: &[usize]) -> bool {
    let Some(frames) = frames.get(..message.len()) else {
        return false;
    };
    let kinds = frames
        .iter()
        .zip(message)
        .all(|(frame, kind)| frame.kind == *kind);
    kinds
        && frames
            .windows(2)
            .all(|pair| pair[0].offset + u64::from(pair[0].length) == pair[1].offset)
}
