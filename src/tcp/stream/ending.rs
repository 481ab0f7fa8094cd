//! When a hole becomes a gap, and when a stream is at its end.

use super::{Context, NO_FIN, Stream, WILD};
use crate::tcp::{
    event::{End, Gap, GapCause, Sink},
    held::PacketRef,
    seq::{Pos, Seq},
};

impl Stream {
    /// A FIN captured at this position.
    pub(in crate::tcp) fn note_fin<S>(&mut self, seq: Seq, cx: &Context<'_, S>) {
        let pos = seq.near(self.high());
        if pos > self.high() + WILD
            || (self.open && pos < self.next)
            || (self.fin_reached && pos <= self.fin + 1)
        {
            return;
        }
        // Of two candidates the one that is reached first, unless bytes behind it have been seen.
        let better =
            self.fin == NO_FIN || self.fin_reached || pos == self.next || self.high() > self.fin;
        if better {
            self.fin = pos;
            // If the end has been emitted already, it is emitted again, behind what this FIN shows.
            (self.fin_reached, self.ended) = (false, false);
            if pos != self.next || !self.open {
                self.cold().fin_shown = cx.at;
            }
        }
        self.meet_fin();
    }

    pub(super) fn meet_fin(&mut self) {
        if self.open && self.fin == self.next && !self.fin_reached {
            self.fin_reached = true;
            self.beyond = self.beyond.max(self.fin + 1);
        } else if self.open && self.fin != NO_FIN && self.fin < self.next && !self.fin_reached {
            self.fin = NO_FIN; // Bytes ran over it: it was a false one.
        }
    }

    /// Where the hole at `next` ends, if something shows that there is one; and what showed it.
    pub(super) fn hole(&self) -> Option<(Pos, PacketRef, bool)> {
        let cold = self.cold.as_ref()?;
        let held = cold.held.first();
        if let Some(piece) = self.first_provisional()
            && held.is_none_or(|held| piece.pos < held.pos)
        {
            return Some((piece.end(), piece.packet(), true));
        }
        if let Some(piece) = held {
            return Some((piece.pos, piece.origin, true));
        }
        if let Some(cut) = cold.cuts.iter().find(|c| c.to > self.next) {
            return Some((cut.to, cut.packet, true));
        }
        (self.fin > self.next).then_some((self.fin, cold.fin_shown, false))
    }

    /// Hands out what can be, and gives up the hole in front when nothing more is to be expected.
    pub(in crate::tcp) fn progress<S: Sink>(&mut self, cx: &mut Context<'_, S>) {
        self.settle_provisional(cx);
        self.advance(cx);
        let acked = self.acked(cx);
        if self.fin > self.next && self.high() > self.fin && acked.is_some_and(|a| a > self.fin + 1)
        {
            self.fin = NO_FIN; // The peer took bytes behind it: it was a false one.
        }
        while let Some((to, packet, certain)) = self.hole() {
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
            if !self.stand_before(cx, to) {
                self.give_up(cx, to, packet, acked, full);
            }
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
    pub(in crate::tcp) fn force<S: Sink>(&mut self, cx: &mut Context<'_, S>) {
        if let Some((to, packet, true)) = self.hole() {
            let acked = self.acked(cx);
            if !self.stand_before(cx, to) {
                self.give_up(cx, to, packet, acked, true);
            }
        }
        self.progress(cx);
    }

    /// Emits the gap from `next` to `to`, in one part for each cause.
    pub(super) fn give_up<S: Sink>(
        &mut self,
        cx: &mut Context<'_, S>,
        to: Pos,
        packet: PacketRef,
        acked: Option<Pos>,
        forced: bool,
    ) {
        cx.shared.stats.forced_gaps += forced as u64;
        let from = self.next;
        while self.next < to {
            let at = self.next;
            let cuts = self.cold.as_ref().map_or(&[][..], |c| &c.cuts);
            let (end, cause, packet) = if let Some(cut) =
                cuts.iter().find(|c| c.from <= at && at < c.to)
            {
                (to.min(cut.to), GapCause::CutShort, cut.packet)
            } else {
                let end = cuts
                    .iter()
                    .filter(|c| c.from > at)
                    .map(|c| c.from)
                    .min()
                    .unwrap_or(to)
                    .min(to);
                match acked {
                    Some(acked) if acked > at => (end.min(acked), GapCause::NotCaptured, packet),
                    _ => (end, GapCause::LostOrLate, packet),
                }
            };
            let gap = Gap {
                offset: at - self.origin,
                length: end - at,
                cause,
                packet: packet.packet,
                capture: packet.capture,
                time: packet.time,
                forced,
            };
            cx.sink.gap(cx.id, &gap);
            self.cold().counts.gap_bytes += end - at;
            self.next = end;
        }
        let next = self.next;
        self.beyond = self.beyond.max(next);
        self.cold().note_gap(from, next);
        self.meet_fin();
    }

    /// No more packets come: everything is handed out, and what is missing behind the last byte is emitted as a gap.
    pub(in crate::tcp) fn finish<S: Sink>(&mut self, cx: &mut Context<'_, S>, closed: bool) {
        let acked = self.acked(cx);
        self.settle_provisional(cx);
        self.advance(cx);
        while let Some((to, packet, certain)) = self.hole() {
            // A FIN that the peer has refused by acknowledging less, after more was sent, proves nothing.
            if !certain && to > self.next + WILD {
                break;
            }
            if !self.stand_before(cx, to) {
                self.give_up(cx, to, packet, acked, false);
            }
            self.advance(cx);
        }
        if let Some(acked) = acked
            && !self.fin_reached
            && acked > self.next + 1
        {
            let to = acked - cx.peer_fin as u64;
            self.give_up(cx, to, cx.at, Some(acked), false);
        }
        if let Some(s) = self.cold.as_mut().and_then(|c| c.suspect.take()) {
            self.cold().counts.outside.refused += s.data.len() as u64;
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
}
