//! Packets with a wrong TCP checksum: their bytes wait until it is known whether the receiver took them.
//!
//! Once the peer acknowledges them without a right copy, they stand, and the sender is known to leave checksums to its
//! network card: from then on its wrong checksums mean nothing. A right copy that comes first replaces them: they were
//! bit errors on the way. Where neither comes, they wait as long as a hole does, and then stand.

use super::{Arrival, Context, Stream};
use crate::{
    decode::TcpChecksum,
    tcp::{cold::Suspect, event::Sink, seq::Pos},
};

/// This many packets with a wrong checksum in a row are no bit errors: the sender leaves checksums to its network card.
const MAX_WRONG_IN_A_ROW: usize = 8;

impl Stream {
    /// Whether a packet's checksum is wrong and says something.
    pub(super) fn is_doubtful(&self, a: &Arrival<'_>) -> bool {
        a.checksum == TcpChecksum::Wrong && !self.offloads && self.open
    }

    /// Keeps the bytes of a doubtful packet aside. False if they are to be placed like any others: all are known already,
    /// or the peer has taken them.
    pub(super) fn set_aside<S: Sink>(
        &mut self,
        cx: &mut Context<'_, S>,
        pos: Pos,
        a: &Arrival<'_>,
    ) -> bool {
        let end = pos + a.data.len() as u64;
        if pos < self.next || self.knows(pos, end) || self.is_keepalive(pos, a.wire_len) {
            return false;
        }
        if self.acked(cx).is_some_and(|acked| acked >= end) {
            self.offloads = true;
            return false;
        }
        let config = &cx.shared.config;
        let cold = self.cold();
        if cold.provisional.len() >= config.max_held_segments as usize
            || cold.held.cost() + a.data.len() as u64 > config.max_held_bytes
        {
            return false;
        }
        if cold
            .provisional
            .iter()
            .any(|p| p.pos == pos && *p.data == *a.data)
        {
            // Sent again, and garbled in the same way: no garbling.
            self.offloads = true;
            return false;
        }
        let piece = Suspect::new(pos, a);
        cx.shared.hold(0, piece.cost());
        let cold = self.cold();
        let at = cold.provisional.partition_point(|p| p.pos <= pos);
        cold.provisional.insert(at, piece);
        let row = cold.provisional.windows(2);
        let follow = row.filter(|p| p[0].end() == p[1].pos).count();
        self.offloads |= follow + 1 >= MAX_WRONG_IN_A_ROW;
        true
    }

    /// Whether all these bytes have been handed out or are held.
    fn knows(&self, from: Pos, to: Pos) -> bool {
        let mut at = from.max(self.next);
        while at < to {
            let held = self.cold.as_ref().and_then(|c| c.held.covering(at));
            match held {
                Some(end) => at = end,
                None => return false,
            }
        }
        true
    }

    /// Places the bytes set aside that the peer has acknowledged, and counts those that a right copy has replaced.
    pub(super) fn settle_provisional<S: Sink>(&mut self, cx: &mut Context<'_, S>) {
        let count = self.cold.as_ref().map_or(0, |c| c.provisional.len());
        let acked = self.acked(cx);
        let mut at = 0;
        for _ in 0..count {
            let Some(piece) = self.cold.as_ref().and_then(|c| c.provisional.get(at)) else {
                return;
            };
            let (pos, end) = (piece.pos, piece.end());
            if self.knows(pos, end) {
                self.replaced(cx, at);
            } else if self.offloads || acked.is_some_and(|acked| acked >= end) {
                self.offloads = true;
                self.stand(cx, at);
            } else {
                at += 1;
            }
        }
    }

    /// Places the first bytes set aside, if they are all that is known at or before `to`.
    pub(super) fn stand_before<S: Sink>(&mut self, cx: &mut Context<'_, S>, to: Pos) -> bool {
        let first = self.cold.as_ref().and_then(|c| c.provisional.first());
        let stands = first.is_some_and(|piece| piece.pos < to);
        if stands {
            self.stand(cx, 0);
        }
        stands
    }

    /// Where the first bytes set aside end, and which packet brought them.
    pub(super) fn first_provisional(&self) -> Option<&Suspect> {
        self.cold.as_ref()?.provisional.first()
    }

    fn stand<S: Sink>(&mut self, cx: &mut Context<'_, S>, at: usize) {
        let piece = self.cold().provisional.remove(at);
        cx.shared.hold(piece.cost(), 0);
        self.place(cx, piece.pos, &piece.arrival(), false);
    }

    /// A right copy came first.
    fn replaced<S: Sink>(&mut self, cx: &mut Context<'_, S>, at: usize) {
        let cold = self.cold();
        let piece = cold.provisional.remove(at);
        cold.counts.outside.bit_errors += piece.data.len() as u64;
        cold.counts.bit_error_segments += 1;
        let origin = piece.packet();
        cold.evidence()
            .bit_errors
            .add(origin.packet, origin.time, 0);
        cx.shared.hold(piece.cost(), 0);
    }
}
