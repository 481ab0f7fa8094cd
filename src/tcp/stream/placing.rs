//! Takes the payload of a packet to its place: the bytes captured first stand.

use super::*;

impl Stream {
    /// Takes a packet's payload, whatever its place.
    pub(in crate::tcp) fn accept<S: Sink>(&mut self, cx: &mut Context<'_, S>, a: &Arrival<'_>) {
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
    pub(super) fn is_keepalive(&self, pos: Pos, wire_len: u32) -> bool {
        if pos + 1 != self.high() || wire_len != 1 {
            return false;
        }
        let begun = self.open && (pos >= self.start || self.bytes() == 0);
        begun && (pos < self.next || self.fin_reached) || self.holds(pos)
    }

    /// Whether this byte waits behind a hole or for the opening.
    pub(super) fn holds(&self, pos: Pos) -> bool {
        let cold = self.cold.as_ref();
        cold.is_some_and(|cold| cold.held.covering(pos).is_some())
    }

    /// Puts bytes in their place; those that are there already stay.
    pub(super) fn place<S: Sink>(
        &mut self,
        cx: &mut Context<'_, S>,
        pos: Pos,
        a: &Arrival<'_>,
        copy: bool,
    ) {
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
                acked: self.acked(cx),
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
}
