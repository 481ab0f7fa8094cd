//! Where a stream begins: behind its SYN, or at the lowest byte of an opening window.

use super::{Context, Stream, WILD};
use crate::tcp::{
    event::{Begin, Sink},
    seq::{Pos, Seq},
};

impl Stream {
    /// Whether the first bytes have been held long enough to say where the stream begins. That the peer acknowledged
    /// them is not enough: in a capture out of order, lower ones come behind the acknowledgement.
    pub(in crate::tcp) fn may_open<S>(&self, cx: &Context<'_, S>) -> bool {
        let Some(cold) = &self.cold else { return true };
        let config = &cx.shared.config;
        cold.held.cost() > config.max_held_bytes
            || cold.held.len() > config.max_held_segments as usize
            || cx.packets.saturating_sub(cold.wait.packets) >= config.opening_packets as u64
            || cx.shared.elapsed(cold.wait.since) >= config.opening
    }

    /// Lets the first bytes wait for lower ones.
    pub(in crate::tcp) fn start_opening<S>(&mut self, cx: &Context<'_, S>) {
        let (since, packets) = (cx.shared.now, cx.packets);
        self.cold().wait.start(0, since, packets);
    }

    /// The lowest byte held, or where the stream was created.
    pub(in crate::tcp) fn lowest(&self) -> Pos {
        self.cold
            .as_ref()
            .and_then(|c| c.held.first())
            .map_or(self.origin, |p| p.pos)
    }

    /// Settles where the stream begins: behind its SYN; else at the lowest byte held, or at the sequence number of an
    /// empty packet more than one below it.
    pub(in crate::tcp) fn open<S: Sink>(
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
        self.start = self.origin;
        self.next = self.origin;
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
            self.cold().counts.outside.before_start += before_start;
        }
        if let Some(cold) = &mut self.cold {
            cold.wait.stop();
        }
        self.meet_fin();
    }
}
