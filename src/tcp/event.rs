//! What the reassembler emits to its sink.

use super::counts::Counts;
use crate::{capture::Time, decode::Endpoint, tcp::StreamEvidence};

/// Direction of a stream. The client is who sent the bare SYN, else who received the SYN/ACK, else the higher port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dir {
    /// From client to server.
    C2s,
    /// From server to client.
    S2c,
}

impl Dir {
    /// Its name in reports and records.
    pub const fn name(self) -> &'static str {
        match self {
            Dir::C2s => "c2s",
            Dir::S2c => "s2c",
        }
    }
}

/// One direction of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    /// Number of the connection, from 0 by first packet, like Wireshark's `tcp.stream`.
    pub connection: u64,
    /// Small dense number for the caller's own per-stream state: no two streams have the same one between
    /// [`Sink::begin`] and [`Sink::summary`]; after that it is given out again.
    pub slot: u32,
    /// Which direction.
    pub dir: Dir,
}

/// The start of a stream, emitted before anything else of it.
#[derive(Clone, Copy, Debug)]
pub struct Begin {
    /// Who sends.
    pub src: Endpoint,
    /// Who receives.
    pub dst: Endpoint,
    /// Whether the SYN was captured, so that offset 0 is known to be the first byte that was sent.
    pub syn: bool,
    /// Index of the capture that holds the stream's first packet.
    pub capture: u32,
}

/// Bytes of a stream, in stream order, all of them brought first by one packet.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'a> {
    /// Stream offset of the first byte; what lies between chunks was emitted as gaps.
    pub offset: u64,
    /// The bytes, never empty.
    pub data: &'a [u8],
    /// The packet that brought them.
    pub packet: u64,
    /// Index of the capture that holds that packet.
    pub capture: u32,
    /// When it was captured.
    pub time: Option<Time>,
    /// Whether `data` begins with the first payload byte of its packet, not in the middle of it.
    pub segment_start: bool,
    /// The packet had the URG bit, and its pointer points into (or right behind) these bytes.
    pub urgent: bool,
    /// The bytes lie behind a FIN that had been reached.
    pub after_fin: bool,
    /// Another packet brought other bytes for some of this range before it was handed out; the first stand here. Which
    /// they are was emitted just before.
    pub conflict: bool,
    /// The bytes waited behind a hole until the chunk before filled it: a receiver reads both at once.
    pub waited: bool,
    /// The next chunk waited for this one: a receiver reads both at once.
    pub followed: bool,
}

/// Why bytes of a stream are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapCause {
    /// The peer acknowledged them, so they passed by and the capture missed them.
    NotCaptured,
    /// Nobody acknowledged them: lost on the way, or captured after the hole had been given up.
    LostOrLate,
    /// The snap length cut them off.
    CutShort,
}

impl GapCause {
    /// All causes.
    pub const ALL: [GapCause; 3] = [
        GapCause::NotCaptured,
        GapCause::LostOrLate,
        GapCause::CutShort,
    ];

    /// Its name in reports and records.
    pub const fn name(self) -> &'static str {
        match self {
            GapCause::NotCaptured => "not_captured",
            GapCause::LostOrLate => "lost_or_late",
            GapCause::CutShort => "cut_short",
        }
    }
}

/// Stream bytes that the capture does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Stream offset of the first missing byte.
    pub offset: u64,
    /// How many are missing, at least 1.
    pub length: u64,
    /// Why.
    pub cause: GapCause,
    /// The packet that showed it: the first captured behind it, the cut one, or the acknowledgement.
    pub packet: u64,
    /// Index of the capture that holds that packet.
    pub capture: u32,
    /// When that packet was captured.
    pub time: Option<Time>,
    /// Given up because a bound on held data was reached, not because of time or the end of the stream.
    pub forced: bool,
}

/// Bytes that came again and were others than the first time. The first stand.
#[derive(Clone, Copy, Debug)]
pub struct Conflict<'a> {
    /// Stream offset of the first byte that differs.
    pub offset: u64,
    /// How many bytes differ.
    pub length: u64,
    /// The packet that brought the later bytes.
    pub packet: u64,
    /// The packet that brought the bytes that stand.
    pub kept_packet: u64,
    /// The bytes kept, from `offset` to the last that differs.
    pub kept: &'a [u8],
    /// The bytes refused, of the same range.
    pub refused: &'a [u8],
}

/// How a stream came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// FIN reached, connection reset, or its 4-tuple taken over by a new connection.
    Closed,
    /// The capture ended first, or the connection was evicted.
    Open,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EndCause {
    /// A FIN came first.
    Fin,
    /// A RST came first.
    Rst,
    /// Nobody ended it: it was silent for too long, or too many connections were known, and it was evicted.
    Timeout,
    /// Nobody ended it: another connection began on its 4-tuple.
    Replaced,
    /// The capture ended first.
    #[default]
    Capture,
}

impl EndCause {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Fin,
        Self::Rst,
        Self::Timeout,
        Self::Replaced,
        Self::Capture,
    ];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fin => "fin",
            Self::Rst => "rst",
            Self::Timeout => "timeout",
            Self::Replaced => "replaced",
            Self::Capture => "capture",
        }
    }
}

/// What is known of a stream when it is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamSummary {
    /// Number of the first packet of this direction.
    pub first_packet: u64,
    /// Number of the last one.
    pub last_packet: u64,
    /// When the first was captured.
    pub time: Option<Time>,
    /// When the last was captured.
    pub end_time: Option<Time>,
    /// What was counted.
    pub counts: Counts,
    /// SYN captured.
    pub syn: bool,
    /// FIN captured.
    pub fin: bool,
    /// RST captured.
    pub rst: bool,
    /// Urgent pointer seen.
    pub urgent: bool,
    /// Data came behind a FIN that had been reached.
    pub after_fin: bool,
    /// Closed before the capture ended, to stay within the bound on connections.
    pub evicted: bool,
    /// How its connection ended.
    pub end: EndCause,
    /// The direction of the first FIN or RST: [`Dir::C2s`] if the client ended the connection. None: nobody did.
    pub ended_by: Option<Dir>,
    /// What its packets show about causes.
    pub evidence: StreamEvidence,
}

/// Who takes what the reassembler finds.
///
/// For one stream the calls come as `begin`, then `chunk`, `gap` and `conflict` in stream order (a `conflict` comes
/// just before the chunk it is about, or late, for bytes already handed out), then `end` and `summary`. A direction of which packets but no payload and no
/// gap was seen gets `begin`, `end` and `summary` when its connection is closed.
pub trait Sink {
    /// A stream begins.
    fn begin(&mut self, stream: StreamId, begin: &Begin);
    /// Its next bytes.
    fn chunk(&mut self, stream: StreamId, chunk: &Chunk<'_>);
    /// Bytes missing here.
    fn gap(&mut self, stream: StreamId, gap: &Gap);
    /// Bytes that came again and differed.
    fn conflict(&mut self, stream: StreamId, conflict: &Conflict<'_>);
    /// No more bytes come, unless data follows behind the FIN; then there is another `end`.
    fn end(&mut self, stream: StreamId, end: End);
    /// The stream is closed; its slot is free.
    fn summary(&mut self, stream: StreamId, summary: &StreamSummary);
}
