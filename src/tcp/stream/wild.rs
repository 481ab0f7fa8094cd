//! Segments and acknowledgements too far from a stream to be believed alone.

use super::{Arrival, Context, Stream};
use crate::tcp::{
    cold::Suspect,
    event::Sink,
    seq::{Pos, Seq},
};

impl Stream {
    /// A segment far ahead is kept until a second one near it, or an acknowledgement, says that it belongs here.
    pub(super) fn suspect<S: Sink>(&mut self, cx: &mut Context<'_, S>, pos: Pos, a: &Arrival<'_>) {
        cx.shared.stats.wild_segments += 1;
        if self
            .cold()
            .wild_ack
            .is_some_and(|ack| ack.near(pos).wrapping_sub(pos) <= a.wire_len as u64)
        {
            self.beyond = pos;
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
            self.cold().counts.outside.refused += old.data.len() as u64;
        }
    }

    /// Lets the suspect in.
    pub(super) fn confirm<S: Sink>(&mut self, cx: &mut Context<'_, S>) {
        if let Some(s) = self.cold().suspect.take() {
            self.beyond = self.beyond.max(s.pos);
            self.place(cx, s.pos, &s.arrival(), false);
        }
    }

    /// An acknowledgement as it stands in a packet of the peer: it may confirm the suspect.
    pub(in crate::tcp) fn ack_seen<S: Sink>(&mut self, cx: &mut Context<'_, S>, ack: Seq) -> bool {
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
    pub(in crate::tcp) fn far_ack(&mut self, ack: Seq) -> Option<Seq> {
        let near = |old: Seq| (1..1 << 24).contains(&ack.since(old));
        match self.cold().wild_ack.replace(ack) {
            Some(old) if near(old) => self.cold().wild_ack.take(),
            _ => None,
        }
    }

    /// The acknowledgement that was too far ahead, if data has come so far since.
    pub(in crate::tcp) fn reached_ack(&mut self) -> Option<Seq> {
        let high = Seq(self.high() as u32);
        self.cold
            .as_mut()?
            .wild_ack
            .take_if(|ack| (0..1 << 24).contains(&high.since(*ack)))
    }
}
