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
mod opening;
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

/// What a stream must know of its connection while a packet of it is looked at.
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
    /// Larger segments are looked at: `largest`, but at most `limit`.
    watermark: u32,
    /// Largest segment that the wire can have carried.
    limit: u32,
    /// TTL of the first packet with payload.
    ttl: u8,
    /// Told its beginning: `origin` is final.
    pub open: bool,
    /// `next` has been at the FIN.
    pub fin_reached: bool,
    /// Told its end, and nothing came since.
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

    /// Whether a packet with payload brings the next bytes, all of them captured, and needs no closer look.
    #[inline(always)]
    pub fn expects(&self, segment: &Segment<'_>) -> bool {
        self.next as u32 == segment.seq
            && self.fin == NO_FIN
            && (segment.checksum != TcpChecksum::Wrong || self.offloads)
            && segment.payload_len as usize == segment.payload.len()
    }

    /// Takes the payload of a packet that [`Stream::expects`] while no stream of the connection needs attention.
    #[inline(always)]
    pub fn pass<S: Sink>(
        &mut self,
        shared: &mut Shared,
        sink: &mut S,
        id: StreamId,
        segment: &Segment<'_>,
    ) {
        let len = segment.payload.len() as u64;
        if len as u32 > self.watermark {
            self.note_large(len as u32, segment.packet, segment.time);
        }
        self.note(segment.seq, segment.ip_id.unwrap_or(0), len as u32);
        let (at, offset) = (self.next, self.next - self.origin);
        self.segments += 1;
        self.next += len;
        let history = &mut shared.history[self.lane as usize];
        history.push(&mut self.newest, at, segment.packet, segment.payload);
        let chunk = Chunk {
            offset,
            data: segment.payload,
            packet: segment.packet,
            capture: segment.capture,
            time: segment.time,
            segment_start: true,
            urgent: false,
            after_fin: false,
            conflict: false,
            waited: false,
            followed: false,
        };
        sink.chunk(id, &chunk);
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

    /// Takes a packet's payload, whatever its place.
    pub fn accept<S: Sink>(&mut self, cx: &mut Context<'_, S>, a: &Arrival<'_>) {
        let copy = self.remember(a);
        self.others += a.data.len() as u64;
        let pos = a.seq.near(self.high());
        let floor = if self.open { self.start } else { self.high() };
        if pos + WILD < floor {
            cx.shared.stats.wild_segments += 1;
            self.cold().counts.outside.refused += a.data.len() as u64;
        } else if pos > self.high() + WILD {
            self.suspect(cx, pos, a);
        } else if !self.is_doubtful(a) || !self.set_aside(cx, pos, a) {
            self.place(cx, pos, a, copy);
        }
    }

    /// Whether this is a keep-alive: one byte just below the next one the sender would send (RFC 9293, 3.8.4), where a
    /// byte has come already. One that is missing there is data, as is one before which nothing is known.
    fn is_keepalive(&self, pos: Pos, wire_len: u32) -> bool {
        if pos + 1 != self.high() || wire_len != 1 {
            return false;
        }
        let begun = self.open && (pos >= self.start || self.bytes() == 0);
        begun && (pos < self.next || self.fin_reached) || self.holds(pos)
    }

    /// Whether this byte waits behind a hole or for the opening.
    fn holds(&self, pos: Pos) -> bool {
        let cold = self.cold.as_ref();
        cold.is_some_and(|cold| cold.held.covering(pos).is_some())
    }

    /// Puts bytes in their place; those that are there already stay.
    fn place<S: Sink>(&mut self, cx: &mut Context<'_, S>, pos: Pos, a: &Arrival<'_>, copy: bool) {
        let pos = self.behind_fin(pos);
        if self.is_keepalive(pos, a.wire_len) {
            let known = self.holds(pos) || (pos >= self.start && pos < self.next);
            let len = a.data.len() as u64;
            let cold = self.cold();
            cold.counts.keepalives += 1;
            match known {
                true => cold.counts.retransmitted_bytes += len,
                false => cold.counts.outside.refused += len,
            }
            return;
        }
        let (high, end) = (self.high(), pos + a.data.len() as u64);
        let waiting = self.first_waiting();
        let (mut again, differ) = self.compare(cx, pos, a);
        let (fresh, first) = self.take_new(cx, pos, a);
        if self.open && pos < self.start {
            self.cold().counts.outside.before_start += self.start.min(end) - pos;
        }
        let late = self.late(pos, end);
        again -= late;
        if late > 0 {
            self.cold().counts.outside.refused += late;
        }
        if again > 0 {
            let cold = self.cold();
            cold.counts.retransmitted_bytes += again;
            match copy && differ == 0 && fresh == 0 {
                true => cold.counts.duplicated_segments += 1,
                false => cold.counts.retransmitted_segments += 1,
            }
        }
        if differ > 0 {
            self.cold().counts.conflict_bytes += differ;
        }
        if fresh > 0 {
            self.segments += 1;
            if first < high {
                self.cold().counts.out_of_order_segments += 1;
            }
        }
        // Old bytes in front of new ones make a segment longer than the sender's largest.
        if again == 0 {
            self.note_oversized(a.wire_len, a.origin.packet, a.origin.time);
        }
        if again + differ > 0 || fresh > 0 && first < high {
            let seen = evidence::Seen {
                copy: copy && differ == 0 && fresh == 0,
                again,
                differ,
                filled: (fresh > 0 && first < high).then_some(waiting).flatten(),
            };
            self.note_evidence(cx.shared.since_last_ns, pos, a, &seen);
        }
        let wire_end = pos + a.wire_len as u64;
        if wire_end > end && wire_end > self.next {
            let from = end.max(self.next);
            self.cold().cut(Cut {
                from,
                to: wire_end,
                packet: a.origin,
            });
        }
        self.beyond = self.beyond.max(wire_end);
    }

    /// A FIN takes a sequence number but no byte: what is sent behind it lies one further on.
    fn behind_fin(&mut self, pos: Pos) -> Pos {
        if self.fin_reached && self.next == self.fin && pos == self.fin + 1 {
            self.next += 1;
            self.origin += 1;
        }
        pos
    }

    /// Compares with what is known already: (bytes that came again or too late, bytes that differ).
    fn compare<S: Sink>(
        &mut self,
        cx: &mut Context<'_, S>,
        pos: Pos,
        a: &Arrival<'_>,
    ) -> (u64, u64) {
        let end = pos + a.data.len() as u64;
        let (mut again, mut differ) = (0, 0);
        let from = match self.open {
            true => pos.max(self.next).min(end),
            false => pos,
        };
        let below = pos.max(self.start);
        if self.open && below < from {
            again += from - below;
            let (history, origin) = (&cx.shared.history[self.lane as usize], self.origin);
            history.overlaps(self.newest, below, from, |at, kept, kept_packet| {
                let new = &a.data[(at - pos) as usize..][..kept.len()];
                if let Some((x, y, count)) = difference(kept, new) {
                    differ += count;
                    let conflict = Conflict {
                        offset: (at + x as u64).saturating_sub(origin),
                        length: count,
                        packet: a.origin.packet,
                        kept_packet: packet_near(a.origin.packet, kept_packet),
                        kept: &kept[x..y],
                        refused: &new[x..y],
                    };
                    cx.sink.conflict(cx.id, &conflict);
                }
            });
        }
        if from < end
            && let Some(cold) = &mut self.cold
        {
            let before = cold.held.cost();
            let (held, other) =
                cold.held
                    .compare(from, &a.data[(from - pos) as usize..], a.origin.packet);
            cx.shared.hold(before, cold.held.cost());
            again += held;
            differ += other;
        }
        (again, differ)
    }

    /// How many of these bytes lie in gaps that had been given up.
    fn late(&self, from: Pos, to: Pos) -> u64 {
        self.cold.as_ref().map_or(0, |cold| cold.given_up(from, to))
    }

    /// Hands out or holds what is new: (how many bytes, position of the first).
    fn take_new<S: Sink>(
        &mut self,
        cx: &mut Context<'_, S>,
        pos: Pos,
        a: &Arrival<'_>,
    ) -> (u64, Pos) {
        let end = pos + a.data.len() as u64;
        let (mut fresh, mut first) = (0, Pos::MAX);
        let urgent = a.urgent.map(|u| u.near(pos));
        let mut at = pos;
        loop {
            if self.open {
                at = at.max(self.next);
            }
            let held = self.cold.as_ref().map(|c| &c.held);
            if let Some(covered) = held.and_then(|h| h.covering(at)) {
                at = covered;
                continue;
            }
            if at >= end {
                return (fresh, first);
            }
            let to = held.and_then(|h| h.next_start(at)).unwrap_or(end).min(end);
            let data = &a.data[(at - pos) as usize..(to - pos) as usize];
            fresh += to - at;
            first = first.min(at);
            if self.open && at == self.next {
                cx.shared.read = Read::Filler;
                self.hand_out(cx, data, &a.origin, at == pos, urgent, false);
                cx.shared.read = Read::Waited;
                self.advance(cx);
                cx.shared.read = Read::Own;
            } else {
                let piece = Piece {
                    pos: at,
                    data: data.into(),
                    origin: a.origin,
                    segment_start: at == pos,
                    urgent,
                    refused: Vec::new(),
                    lone: a.wire_len == 1 && !a.push,
                };
                let held = &mut self.cold().held;
                let before = held.cost();
                held.insert(piece);
                cx.shared.hold(before, held.cost());
            }
            at = to;
        }
    }

    /// Hands out bytes that begin at `next`.
    fn hand_out<S: Sink>(
        &mut self,
        cx: &mut Context<'_, S>,
        mut data: &[u8],
        origin: &PacketRef,
        mut segment_start: bool,
        urgent: Option<Pos>,
        conflict: bool,
    ) {
        while !data.is_empty() {
            let out = self
                .cold
                .as_mut()
                .and_then(|c| c.out_of_line(self.next, data.len()));
            let len = out.unwrap_or(data.len());
            let (now, rest) = data.split_at(len);
            if !now.is_empty() {
                let end = self.next + len as u64;
                let held = self.cold.as_ref().and_then(|cold| cold.held.first());
                let behind = held.is_some_and(|piece| piece.pos == end);
                let chunk = Chunk {
                    offset: self.next - self.origin,
                    data: now,
                    packet: origin.packet,
                    capture: origin.capture,
                    time: origin.time,
                    segment_start,
                    urgent: urgent.is_some_and(|u| self.next <= u && u <= end),
                    after_fin: self.fin_reached,
                    conflict,
                    waited: cx.shared.read == Read::Waited,
                    followed: cx.shared.read != Read::Own && behind,
                };
                let history = &mut cx.shared.history[self.lane as usize];
                history.push(&mut self.newest, self.next, origin.packet, now);
                cx.sink.chunk(cx.id, &chunk);
                self.others -= len as u64;
                self.next = end;
                segment_start = false;
                if self.fin_reached {
                    (self.after_fin, self.ended) = (true, false);
                }
            }
            data = rest;
            if out.is_some() {
                data = &rest[1..];
                self.next += 1;
                self.origin += 1;
                self.cold().counts.outside.urgent += 1;
            }
        }
        self.meet_fin();
    }

    /// Hands out what is held at `next`.
    fn advance<S: Sink>(&mut self, cx: &mut Context<'_, S>) {
        while let Some(cold) = &mut self.cold
            && cold.held.first().is_some_and(|p| p.pos == self.next)
        {
            let before = cold.held.cost();
            let Some(piece) = cold.held.pop() else { return };
            cx.shared.hold(before, cold.held.cost());
            let conflict = !piece.refused.is_empty();
            let origin = self.origin;
            for r in &piece.refused {
                let kept = &piece.data[(r.pos - piece.pos) as usize..][..r.data.len()];
                let conflict = Conflict {
                    offset: r.pos.saturating_sub(origin),
                    length: r.differ,
                    packet: r.packet,
                    kept_packet: piece.origin.packet,
                    kept,
                    refused: &r.data,
                };
                cx.sink.conflict(cx.id, &conflict);
            }
            self.hand_out(
                cx,
                &piece.data,
                &piece.origin,
                piece.segment_start,
                piece.urgent,
                conflict,
            );
        }
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

    /// Whether each packet of the connection must be looked at for this stream's sake.
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
