//! One direction of a connection: a base, the bytes handed out up to `next`, and pieces held behind a hole.
//!
//! ```text
//!  origin            next        held piece        held      high
//!    |== handed out ==|--- hole ---|=====|-- hole --|===|------|
//! ```
//!
//! One rule takes bytes in (`place`: first captured wins), one hands them out (`advance`: whatever lies at `next`), one
//! decides when the hole at `next` becomes a gap (`Hole::over`, `give_up`). A FIN, an acknowledgement and a cut by the
//! snap length are positions. Knows one sequence space; nothing of how connections are found.

mod ending;
mod evidence;
mod fast;
mod opening;
mod output;
mod placing;
mod provisional;
mod wild;

use super::{
    cold::{Cold, Cut},
    counts::Counts,
    event::{Chunk, Conflict, Sink, StreamId},
    evidence::StreamEvidence,
    held::{PacketRef, Piece, difference},
    seq::{Pos, Seq},
    shared::{Read, Shared},
};
use crate::decode::{Lane, Segment, TcpChecksum};

/// Further than this from its stream, a segment does not belong to it unless another says so too.
const WILD: u64 = 1 << 30;
/// No FIN.
const NO_FIN: Pos = 0;

/// Payload of one packet.
pub(super) struct Arrival<'a> {
    pub seq: Seq,
    pub data: &'a [u8],
    /// Its length on the wire.
    pub wire_len: u32,
    pub origin: PacketRef,
    /// Sequence number behind the urgent byte.
    pub urgent: Option<Seq>,
    pub push: bool,
    pub ip_id: Option<u16>,
    pub ttl: u8,
    pub checksum: TcpChecksum,
}

/// What a stream must know of its connection while a packet of it is taken.
pub(super) struct Context<'a, S> {
    pub shared: &'a mut Shared,
    pub sink: &'a mut S,
    pub id: StreamId,
    /// Highest acknowledgement of the peer.
    pub ack: Option<Seq>,
    /// The SYN of this stream was captured.
    pub begun_by_syn: bool,
    /// The peer has sent a FIN.
    pub peer_fin: bool,
    /// Packets of the connection so far.
    pub packets: u64,
    /// The packet being taken, or the last one.
    pub at: PacketRef,
}

/// The packet number nearest to `packet` that has these lower bits.
fn packet_near(packet: u64, low: u32) -> u64 {
    packet.wrapping_add_signed(low.wrapping_sub(packet as u32) as i32 as i64)
}

/// See the module. Two cache lines, both of which every packet with payload needs.
#[repr(align(64))]
pub(super) struct Stream {
    /// Position of the first byte not yet handed out or given up.
    pub next: Pos,
    /// Behind the highest byte seen, if that is above `next`.
    beyond: Pos,
    /// Position of the first byte.
    start: Pos,
    /// What to take from a position to get its offset: `start`, and one more for each number that stands for no byte.
    origin: Pos,
    /// Position of the FIN, [`NO_FIN`] without.
    pub fin: Pos,
    /// Sequence number, IP identification and length of the last three packets with payload.
    recent: [u64; 3],
    /// Newest entry in the history.
    newest: u64,
    /// Payload that came, without what was handed out.
    others: u64,
    pub segments: u64,
    pub cold: Option<Box<Cold>>,
    pub flow: u32,
    pub largest: u32,
    /// Larger segments are noted: `largest`, but at most `limit`.
    watermark: u32,
    /// Largest segment that the wire can have carried.
    limit: u32,
    /// TTL of the first packet with payload.
    ttl: u8,
    /// Its beginning has been emitted: `origin` is final.
    pub open: bool,
    /// `next` has been at the FIN.
    pub fin_reached: bool,
    /// Its end has been emitted, and nothing came since.
    pub ended: bool,
    pub after_fin: bool,
    /// Its sender leaves checksums to the network card: a wrong one means nothing.
    offloads: bool,
    /// Which history keeps its bytes.
    lane: Lane,
}

/// A stream of which `base` is known to be the first byte, or that opens later around it.
impl Stream {
    pub fn new(base: Pos, flow: u32, lane: Lane) -> Self {
        Self {
            next: base,
            beyond: base,
            start: base,
            origin: base,
            fin: NO_FIN,
            recent: [0; 3],
            newest: 0,
            others: 0,
            segments: 0,
            cold: None,
            flow,
            largest: 0,
            watermark: 0,
            limit: u32::MAX,
            ttl: 0,
            open: false,
            fin_reached: false,
            ended: false,
            after_fin: false,
            offloads: false,
            lane,
        }
    }

    /// Behind the highest byte seen.
    #[inline]
    pub fn high(&self) -> Pos {
        self.beyond.max(self.next)
    }

    /// Bytes handed out: all below `next` that are not in gaps.
    pub fn bytes(&self) -> u64 {
        self.next - self.origin - self.cold.as_ref().map_or(0, |cold| cold.counts.gap_bytes)
    }

    /// Payload that came.
    pub fn payload_bytes(&self) -> u64 {
        self.others + self.bytes()
    }

    /// Counts payload that is no part of the stream.
    pub fn count_other(&mut self, bytes: u64) {
        self.others += bytes;
    }

    /// Notes a packet with payload; whether a mirror port had delivered it just before.
    fn remember(&mut self, a: &Arrival<'_>) -> bool {
        let id = a.ip_id.unwrap_or(0);
        let recent = self.recent;
        if self.ttl == 0 {
            self.ttl = a.ttl;
        }
        self.largest = self.largest.max(a.wire_len);
        self.watermark = self.largest.min(self.limit);
        let tag = self.note(a.seq.0, id, a.wire_len);
        id != 0 && recent.contains(&tag)
    }

    /// Notes it; how it is known again.
    #[inline(always)]
    fn note(&mut self, seq: u32, id: u16, wire_len: u32) -> u64 {
        let tag = (seq as u64) << 32 | (id as u64) << 16 | (wire_len & 0xffff) as u64;
        self.recent = [tag, self.recent[0], self.recent[1]];
        tag
    }

    /// Whether a FIN stands behind the highest byte seen.
    pub fn last_byte_then_fin(&self) -> bool {
        self.fin != NO_FIN && (self.fin_reached || self.fin == self.high())
    }

    /// The first position and the next one, FIN included, once bytes are known.
    pub fn used(&self) -> Option<(Pos, Pos)> {
        let high = self.high() + (self.last_byte_then_fin() && !self.fin_reached) as u64;
        match self.open {
            true => Some((self.start, high)),
            false if self.cold.as_ref().is_some_and(|c| !c.held.is_empty()) => {
                Some((self.lowest(), high))
            }
            false => None,
        }
    }

    /// Whether bytes handed out or held where `data` stands differ from it. None: none are known there.
    pub fn differs(&self, shared: &Shared, seq: Seq, data: &[u8]) -> Option<bool> {
        let pos = seq.near(self.high());
        let mut found = None;
        let mut note = |same: bool| found = Some(found.unwrap_or(false) | !same);
        let history = &shared.history[self.lane as usize];
        history.overlaps(self.newest, pos, pos + data.len() as u64, |at, kept, _| {
            note(&data[(at - pos) as usize..][..kept.len()] == kept);
        });
        if let Some(cold) = &self.cold {
            cold.held.overlaps(pos, data, note);
        }
        found
    }

    /// Counts the payload of a packet that does not belong to this stream.
    pub fn refuse(&mut self, bytes: u64) {
        self.count_other(bytes);
        self.cold().counts.outside.refused += bytes;
    }

    pub fn cold(&mut self) -> &mut Cold {
        self.cold.get_or_insert_default()
    }

    /// The peer's acknowledgement as a position, unless it is a wild one.
    fn acked<S>(&self, cx: &Context<'_, S>) -> Option<Pos> {
        let pos = cx.ack?.near(self.high());
        (pos <= self.high() + WILD).then_some(pos)
    }

    /// What its packets showed about causes.
    pub fn evidence(&self) -> StreamEvidence {
        let evidence = self.cold.as_ref().and_then(|cold| cold.evidence.as_deref());
        evidence.copied().unwrap_or_default()
    }

    /// What was counted, of `packets` packets.
    pub fn counts(&self, packets: u64) -> Counts {
        let counts = Counts {
            packets,
            segments: self.segments,
            payload_bytes: self.payload_bytes(),
            bytes: self.bytes(),
            largest_segment: self.largest,
            ..self
                .cold
                .as_ref()
                .map_or(Counts::default(), |cold| cold.counts)
        };
        debug_assert_eq!(
            counts.payload_bytes,
            counts.bytes + counts.retransmitted_bytes + counts.outside.total(),
            "every byte is accounted for: {counts:?}"
        );
        counts
    }

    /// An empty packet just below the next byte.
    pub fn count_keepalive(&mut self, seq: u32) {
        if Seq(seq).plus(1).0 == self.high() as u32 && self.open {
            self.cold().counts.keepalives += 1;
        }
    }

    /// Whether each packet of the connection must take the slow path because this stream waits.
    pub fn needs_attention(&self) -> bool {
        !self.open
            || (self.fin_reached && !self.ended)
            || self
                .cold
                .as_ref()
                .is_some_and(|c| c.suspect.is_some() || !c.held.is_empty())
            || self.hole().is_some()
    }
}
