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

use super::{
    cold::{Cold, Cut, Suspect},
    event::{Begin, Chunk, Conflict, End, Gap, GapCause, Sink, StreamId, StreamSummary},
    held::{Origin, Piece, difference},
    seq::{Pos, Seq},
    shared::Shared,
};
use crate::capture::Time;

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
    pub origin: Origin,
    /// Sequence number behind the urgent byte.
    pub urgent: Option<Seq>,
    pub push: bool,
    pub ip_id: Option<u16>,
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
    /// The packet looked at, or the last one.
    pub packet: u64,
    /// When it was captured.
    pub time: Option<Time>,
}

/// See the module.
pub(super) struct Stream {
    /// Position of the first byte not yet handed out or given up.
    pub next: Pos,
    /// Behind the highest byte seen.
    pub high: Pos,
    /// Position of stream offset 0.
    origin: Pos,
    /// Position of the FIN, [`NO_FIN`] without.
    pub fin: Pos,
    /// Sequence number, IP identification and length of the last three packets with payload.
    recent: [u64; 3],
    /// Newest entry in the history.
    newest: u64,
    pub payload_bytes: u64,
    pub bytes: u64,
    pub segments: u64,
    pub cold: Option<Box<Cold>>,
    pub flow: u32,
    pub largest: u32,
    /// Told its beginning: `origin` is final.
    pub open: bool,
    /// `next` has been at the FIN.
    pub fin_reached: bool,
    /// Told its end, and nothing came since.
    pub ended: bool,
    pub after_fin: bool,
}

/// A stream of which `base` is known to be the first byte, or that opens later around it.
impl Stream {
    pub fn new(base: Pos, flow: u32) -> Self {
        Self {
            next: base,
            high: base,
            origin: base,
            fin: NO_FIN,
            recent: [0; 3],
            newest: 0,
            payload_bytes: 0,
            bytes: 0,
            segments: 0,
            cold: None,
            flow,
            largest: 0,
            open: false,
            fin_reached: false,
            ended: false,
            after_fin: false,
        }
    }

    /// Whether a segment at this sequence number is the next one and nothing needs a closer look.
    #[inline]
    pub fn expects(&self, seq: u32) -> bool {
        self.next as u32 == seq && self.fin == NO_FIN
    }

    /// Takes the payload of a packet that [`Stream::expects`] while no stream of the connection needs attention.
    #[inline]
    pub fn pass<S: Sink>(
        &mut self,
        shared: &mut Shared,
        sink: &mut S,
        id: StreamId,
        a: &Arrival<'_>,
    ) {
        self.remember(a);
        let len = a.data.len() as u64;
        let chunk = Chunk {
            offset: self.next - self.origin,
            data: a.data,
            packet: a.origin.packet,
            capture: a.origin.capture,
            time: a.origin.time,
            segment_start: true,
            urgent: false,
            after_fin: false,
            conflict: false,
        };
        shared.history.push(&mut self.newest, self.next, a.data);
        self.payload_bytes += len;
        self.bytes += len;
        self.segments += 1;
        self.next += len;
        self.high = self.high.max(self.next);
        sink.chunk(id, &chunk);
    }

    /// Notes a packet with payload; whether a mirror port had delivered it just before.
    #[inline]
    fn remember(&mut self, a: &Arrival<'_>) -> bool {
        self.largest = self.largest.max(a.wire_len);
        let id = a.ip_id.unwrap_or(0);
        let tag = (a.seq.0 as u64) << 32 | (id as u64) << 16 | (a.wire_len & 0xffff) as u64;
        let copy = id != 0 && self.recent.contains(&tag);
        self.recent = [tag, self.recent[0], self.recent[1]];
        copy
    }

    pub fn cold(&mut self) -> &mut Cold {
        self.cold.get_or_insert_default()
    }

    /// The peer's acknowledgement as a position, unless it is a wild one.
    fn acked<S>(&self, cx: &Context<'_, S>) -> Option<Pos> {
        let pos = cx.ack?.near(self.high);
        (pos <= self.high + WILD).then_some(pos)
    }

    /// Takes a packet's payload, whatever its place.
    pub fn accept<S: Sink>(&mut self, cx: &mut Context<'_, S>, a: &Arrival<'_>) {
        let copy = self.remember(a);
        self.payload_bytes += a.data.len() as u64;
        let pos = a.seq.near(self.high);
        let floor = if self.open { self.origin } else { self.high };
        if pos + WILD < floor {
            cx.shared.stats.wild_segments += 1;
            self.cold().outside.refused += a.data.len() as u64;
        } else if pos > self.high + WILD {
            self.suspect(cx, pos, a);
        } else {
            self.place(cx, pos, a, copy);
        }
    }

    /// A segment far ahead is kept until a second one near it, or an acknowledgement, says that it belongs here.
    fn suspect<S: Sink>(&mut self, cx: &mut Context<'_, S>, pos: Pos, a: &Arrival<'_>) {
        cx.shared.stats.wild_segments += 1;
        if self
            .cold()
            .wild_ack
            .is_some_and(|ack| ack.near(pos).wrapping_sub(pos) <= a.wire_len as u64)
        {
            self.high = pos;
            self.place(cx, pos, a, false);
            return;
        }
        let near = |s: &Suspect| s.pos != pos && s.pos.abs_diff(pos) < 1 << 24;
        if self.cold().suspect.as_ref().is_some_and(near) {
            self.confirm(cx);
            self.place(cx, pos, a, false);
            return;
        }
        let suspect = Suspect::new(pos, a);
        if let Some(old) = self.cold().suspect.replace(suspect) {
            self.cold().outside.refused += old.data.len() as u64;
        }
    }

    /// Lets the suspect in.
    fn confirm<S: Sink>(&mut self, cx: &mut Context<'_, S>) {
        if let Some(s) = self.cold().suspect.take() {
            self.high = self.high.max(s.pos);
            self.place(cx, s.pos, &s.arrival(), false);
        }
    }

    /// An acknowledgement as it stands in a packet of the peer: it may confirm the suspect.
    pub fn ack_seen<S: Sink>(&mut self, cx: &mut Context<'_, S>, ack: Seq) -> bool {
        let end = self
            .cold
            .as_ref()
            .and_then(|c| c.suspect.as_ref())
            .map(|s| s.pos + s.wire_len as u64);
        let confirmed = end.is_some_and(|end| end as u32 == ack.0);
        if confirmed {
            self.confirm(cx);
        }
        confirmed
    }

    /// The peer acknowledged bytes far ahead. Gives back the acknowledgement once it is to be believed: a second one
    /// near it, or data there, said the same.
    pub fn far_ack(&mut self, ack: Seq) -> Option<Seq> {
        let near = |old: Seq| (1..1 << 24).contains(&ack.since(old));
        match self.cold().wild_ack.replace(ack) {
            Some(old) if near(old) => self.cold().wild_ack.take(),
            _ => None,
        }
    }

    /// The acknowledgement that was too far ahead, if data has come so far since.
    pub fn reached_ack(&mut self) -> Option<Seq> {
        let high = Seq(self.high as u32);
        self.cold
            .as_mut()?
            .wild_ack
            .take_if(|ack| (0..1 << 24).contains(&high.since(*ack)))
    }

    /// Whether this is a keep-alive: one byte just below the next one the sender would send (RFC 9293, 3.8.4).
    fn is_keepalive(&self, pos: Pos, wire_len: u32) -> bool {
        let at = pos + 1 == self.high && wire_len == 1 && self.open;
        at && (pos >= self.origin || self.bytes == 0) && (pos < self.next || self.fin_reached)
    }

    /// Puts bytes in their place; those that are there already stay.
    fn place<S: Sink>(&mut self, cx: &mut Context<'_, S>, pos: Pos, a: &Arrival<'_>, copy: bool) {
        let pos = self.behind_fin(pos);
        if self.is_keepalive(pos, a.wire_len) {
            let (known, len) = (pos >= self.origin && pos < self.next, a.data.len() as u64);
            let cold = self.cold();
            cold.keepalives += 1;
            match known {
                true => cold.retransmitted_bytes += len,
                false => cold.outside.refused += len,
            }
            return;
        }
        let (high, end) = (self.high, pos + a.data.len() as u64);
        let (mut again, differ) = self.compare(cx, pos, a);
        let (fresh, first) = self.take_new(cx, pos, a);
        if self.open && pos < self.origin {
            self.cold().outside.before_start += self.origin.min(end) - pos;
        }
        let late = self.late(pos, end);
        again -= late;
        if late > 0 {
            self.cold().outside.refused += late;
        }
        if again > 0 {
            let cold = self.cold();
            cold.retransmitted_bytes += again;
            match copy && differ == 0 && fresh == 0 {
                true => cold.duplicated_segments += 1,
                false => cold.retransmitted_segments += 1,
            }
        }
        if differ > 0 {
            self.cold().conflict_bytes += differ;
        }
        if fresh > 0 {
            self.segments += 1;
            if first < high {
                self.cold().out_of_order_segments += 1;
            }
        }
        let wire_end = pos + a.wire_len as u64;
        if wire_end > end && wire_end > self.next {
            let from = end.max(self.next);
            self.cold().cut(Cut {
                from,
                to: wire_end,
                packet: a.origin.packet,
                time: a.origin.time,
            });
        }
        self.high = self.high.max(wire_end);
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
        let below = pos.max(self.origin);
        if self.open && below < from {
            again += from - below;
            let (history, origin) = (&cx.shared.history, self.origin);
            history.overlaps(self.newest, below, from, |at, kept| {
                let new = &a.data[(at - pos) as usize..][..kept.len()];
                if let Some((x, y, count)) = difference(kept, new) {
                    differ += count;
                    let conflict = Conflict {
                        offset: at + x as u64 - origin,
                        length: count,
                        packet: a.origin.packet,
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
                self.hand_out(cx, data, &a.origin, at == pos, urgent, false);
                self.advance(cx);
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
        origin: &Origin,
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
                };
                cx.shared.history.push(&mut self.newest, self.next, now);
                cx.sink.chunk(cx.id, &chunk);
                self.bytes += len as u64;
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
                self.cold().outside.urgent += 1;
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
            // The urgent byte taken out of line moves `origin`, so offsets of conflicts come from before.
            let origin = self.origin;
            self.hand_out(
                cx,
                &piece.data,
                &piece.origin,
                piece.segment_start,
                piece.urgent,
                conflict,
            );
            for r in &piece.refused {
                let kept = &piece.data[(r.pos - piece.pos) as usize..][..r.data.len()];
                let conflict = Conflict {
                    offset: r.pos - origin,
                    length: r.differ,
                    packet: r.packet,
                    kept,
                    refused: &r.data,
                };
                cx.sink.conflict(cx.id, &conflict);
            }
        }
    }

    /// A FIN captured at this position.
    pub fn note_fin<S>(&mut self, seq: Seq, cx: &Context<'_, S>) {
        let pos = seq.near(self.high);
        if pos > self.high + WILD
            || (self.open && pos < self.next)
            || (self.fin_reached && pos <= self.fin + 1)
        {
            return;
        }
        // Of two candidates the one that is reached first, unless bytes behind it have been seen.
        let better =
            self.fin == NO_FIN || self.fin_reached || pos == self.next || self.high > self.fin;
        if better {
            self.fin = pos;
            self.fin_reached = false;
            if pos != self.next || !self.open {
                self.cold().fin_shown = (cx.packet, cx.time);
            }
        }
        self.meet_fin();
    }

    fn meet_fin(&mut self) {
        if self.open && self.fin == self.next && !self.fin_reached {
            self.fin_reached = true;
            self.high = self.high.max(self.fin + 1);
        } else if self.open && self.fin != NO_FIN && self.fin < self.next && !self.fin_reached {
            self.fin = NO_FIN; // Bytes ran over it: it was a false one.
        }
    }

    /// Whether the first bytes have been held long enough to say where the stream begins. That the peer acknowledged
    /// them is not enough: in a capture out of order, lower ones come behind the acknowledgement.
    pub fn may_open<S>(&self, cx: &Context<'_, S>) -> bool {
        let Some(cold) = &self.cold else { return true };
        let config = &cx.shared.config;
        cold.held.cost() > config.max_held_bytes
            || cold.held.len() > config.max_held_segments as usize
            || cx.packets.saturating_sub(cold.wait.packets) >= config.opening_packets as u64
            || cx.shared.elapsed(cold.wait.since) >= config.opening
    }

    /// Lets the first bytes wait for lower ones.
    pub fn start_opening<S>(&mut self, cx: &Context<'_, S>) {
        let (since, packets) = (cx.shared.now, cx.packets);
        self.cold().wait.start(0, since, packets);
    }

    /// Whether an open stream begins at this number.
    pub fn lowest_is(&self, base: Seq) -> bool {
        self.origin as u32 == base.0
    }

    /// The lowest byte held, or where the stream was created.
    pub fn lowest(&self) -> Pos {
        self.cold
            .as_ref()
            .and_then(|c| c.held.first())
            .map_or(self.origin, |p| p.pos)
    }

    /// Settles where the stream begins: behind its SYN; else at the lowest byte held, or at the sequence number of an
    /// empty packet more than one below it.
    pub fn open<S: Sink>(
        &mut self,
        cx: &mut Context<'_, S>,
        begin: &Begin,
        syn: Option<Seq>,
        floor: Option<Seq>,
    ) {
        let mut lowest = self.lowest();
        if let Some(cold) = &mut self.cold
            && syn.is_none()
            && cold
                .held
                .first()
                .is_some_and(|p| p.lone && p.data.len() == 1)
            && cold.held.get(1).is_some_and(|p| p.pos == lowest + 1)
        {
            lowest += 1; // A keep-alive came first.
        }
        let below =
            |floor: Seq| floor.near(lowest) + 1 < lowest && floor.near(lowest) + WILD > lowest;
        self.origin = match (syn, floor) {
            (Some(base), _) => base.near(lowest),
            (None, Some(floor)) if below(floor) => floor.near(lowest),
            _ => lowest,
        };
        self.next = self.origin;
        self.high = self.high.max(self.origin);
        self.open = true;
        cx.sink.begin(cx.id, begin);
        let mut before_start = 0;
        while let Some(cold) = &mut self.cold
            && cold.held.first().is_some_and(|p| p.pos < self.origin)
        {
            let before = cold.held.cost();
            let Some(mut piece) = cold.held.pop() else {
                break;
            };
            if piece.end() > self.origin {
                let cut = (self.origin - piece.pos) as usize;
                before_start += cut as u64;
                piece.data = piece.data[cut..].into();
                piece.pos = self.origin;
                piece.segment_start = false;
                piece.refused.clear();
                cold.held.insert(piece);
            } else {
                before_start += piece.data.len() as u64;
            }
            cx.shared.hold(before, cold.held.cost());
        }
        if before_start > 0 {
            self.cold().outside.before_start += before_start;
        }
        if let Some(cold) = &mut self.cold {
            cold.wait.stop();
        }
        self.meet_fin();
    }

    /// Where the hole at `next` ends, if something shows that there is one; and what showed it.
    fn hole(&self) -> Option<(Pos, u64, Option<Time>, bool)> {
        let cold = self.cold.as_ref()?;
        if let Some(piece) = cold.held.first() {
            return Some((piece.pos, piece.origin.packet, piece.origin.time, true));
        }
        if let Some(cut) = cold.cuts.iter().find(|c| c.to > self.next) {
            return Some((cut.to, cut.packet, cut.time, true));
        }
        let (packet, time) = cold.fin_shown;
        (self.fin > self.next).then_some((self.fin, packet, time, false))
    }

    /// Hands out what can be, and gives up the hole in front when nothing more is to be expected.
    pub fn progress<S: Sink>(&mut self, cx: &mut Context<'_, S>) {
        self.advance(cx);
        let acked = self.acked(cx);
        if self.fin > self.next && self.high > self.fin && acked.is_some_and(|a| a > self.fin + 1) {
            self.fin = NO_FIN; // The peer took bytes behind it: it was a false one.
        }
        while let Some((to, packet, time, certain)) = self.hole() {
            let (next, packets) = (self.next, cx.packets);
            let covered = acked.is_some_and(|a| a >= to);
            let cold = self.cold();
            if cold.wait.at != next {
                cold.wait.start(next, cx.shared.now, packets);
            }
            let full = cold.held.cost() > cx.shared.config.max_held_bytes
                || cold.held.len() > cx.shared.config.max_held_segments as usize;
            if !full && !cold.wait.over(cx.shared, packets, covered, certain) {
                return;
            }
            self.give_up(cx, to, packet, time, acked, full);
            self.advance(cx);
        }
        if let Some(cold) = &mut self.cold {
            cold.wait.stop();
        }
        if self.fin_reached && !self.ended && acked.is_some_and(|a| a > self.fin) {
            self.ended = true;
            cx.sink.end(cx.id, End::Closed);
        }
    }

    /// Makes the hole in front a gap because too much is held elsewhere behind holes.
    pub fn force<S: Sink>(&mut self, cx: &mut Context<'_, S>) {
        if let Some((to, packet, time, true)) = self.hole() {
            let acked = self.acked(cx);
            self.give_up(cx, to, packet, time, acked, true);
        }
        self.progress(cx);
    }

    /// Tells the gap from `next` to `to`, in one part for each cause.
    fn give_up<S: Sink>(
        &mut self,
        cx: &mut Context<'_, S>,
        to: Pos,
        packet: u64,
        time: Option<Time>,
        acked: Option<Pos>,
        forced: bool,
    ) {
        cx.shared.stats.forced_gaps += forced as u64;
        let from = self.next;
        while self.next < to {
            let at = self.next;
            let cuts = self.cold.as_ref().map_or(&[][..], |c| &c.cuts);
            let (end, cause, packet, time) =
                if let Some(cut) = cuts.iter().find(|c| c.from <= at && at < c.to) {
                    (to.min(cut.to), GapCause::CutShort, cut.packet, cut.time)
                } else {
                    let end = cuts
                        .iter()
                        .filter(|c| c.from > at)
                        .map(|c| c.from)
                        .min()
                        .unwrap_or(to)
                        .min(to);
                    match acked {
                        Some(acked) if acked > at => {
                            (end.min(acked), GapCause::NotCaptured, packet, time)
                        }
                        _ => (end, GapCause::LostOrLate, packet, time),
                    }
                };
            let gap = Gap {
                offset: at - self.origin,
                length: end - at,
                cause,
                packet,
                time,
                forced,
            };
            cx.sink.gap(cx.id, &gap);
            let cold = self.cold();
            cold.gap_count += 1;
            cold.gap_bytes += end - at;
            self.next = end;
        }
        let next = self.next;
        self.high = self.high.max(next);
        self.cold().gap_told(from, next);
        self.meet_fin();
    }

    /// No more packets come: everything is handed out, and what is missing behind the last byte is told.
    pub fn finish<S: Sink>(&mut self, cx: &mut Context<'_, S>, closed: bool) {
        let acked = self.acked(cx);
        self.advance(cx);
        while let Some((to, packet, time, certain)) = self.hole() {
            // A FIN that the peer has refused by acknowledging less, after more was sent, proves nothing.
            if !certain && to > self.next + WILD {
                break;
            }
            self.give_up(cx, to, packet, time, acked, false);
            self.advance(cx);
        }
        if let Some(acked) = acked
            && !self.fin_reached
            && acked > self.next + 1
        {
            let to = acked - cx.peer_fin as u64;
            self.give_up(cx, to, cx.packet, cx.time, Some(acked), false);
        }
        if let Some(s) = self.cold.as_mut().and_then(|c| c.suspect.take()) {
            self.cold().outside.refused += s.data.len() as u64;
        }
        if !self.ended {
            let end = if closed || self.fin_reached {
                End::Closed
            } else {
                End::Open
            };
            cx.sink.end(cx.id, end);
            self.ended = true;
        }
    }

    /// Its counts.
    pub fn summarise(&self, summary: &mut StreamSummary) {
        summary.segments = self.segments;
        summary.payload_bytes = self.payload_bytes;
        summary.bytes = self.bytes;
        summary.after_fin = self.after_fin;
        summary.largest_segment = self.largest;
        if let Some(cold) = &self.cold {
            cold.summarise(summary);
        }
        debug_assert_eq!(
            summary.payload_bytes,
            summary.bytes + summary.retransmitted_bytes + summary.outside.total(),
            "every byte is accounted for: {summary:?}"
        );
    }

    /// An empty packet just below the next byte.
    pub fn count_keepalive(&mut self, seq: u32) {
        if Seq(seq).plus(1).0 == self.high as u32 && self.open {
            self.cold().keepalives += 1;
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
